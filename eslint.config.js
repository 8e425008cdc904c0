import js from "@eslint/js";
import { defineConfig } from "eslint/config";
import globals from "globals";

export default defineConfig([
  { ignores: ["build/", "node_modules/", "var/", ".venv/", ".venv-node/", ".cache/"] },
  {
    files: ["**/*.js"],
    extends: [js.configs.recommended],
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      eqeqeq: "error",
      "func-style": ["error", "expression"],
      "max-lines": ["error", 300],
      "max-lines-per-function": ["error", { max: 60, skipComments: true }],
      "no-var": "error",
      "object-shorthand": "error",
      "prefer-const": "error",
      "prefer-template": "error",
    },
  },
  { files: ["static/js/**"], languageOptions: { globals: { ...globals.browser, Chart: "readonly" } } },
  { files: ["static/js/theme.js"], languageOptions: { sourceType: "script" } },
  {
    files: ["tests/js/**", "tests/mutants/**", "eslint.config.js"],
    languageOptions: { globals: globals.node },
    rules: { "max-lines-per-function": "off" },
  },
]);
