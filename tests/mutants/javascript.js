/**
 * `node tests/mutants/javascript.js FILE…` prints the mutants of scripts as JSON, found with acorn.
 *
 * Offsets are in characters. Left out: imports, directives, names of properties, messages of the console and types.
 */

import { readFileSync } from "node:fs";
import { argv, stdout } from "node:process";
import { parse } from "acorn";

/**
 * @typedef {any} Node a node of the syntax tree
 * @typedef {{ text: string, add: (node: Node, operator: string, becomes: string) => void }} Script
 */

/** @type {Record<string, string[]>} */
const COMPARISONS = {
  "<": ["<=", ">="],
  "<=": ["<", ">"],
  ">": [">=", "<="],
  ">=": [">", "<"],
  "===": ["!=="],
  "!==": ["==="],
  "==": ["!="],
  "!=": ["=="],
};
/** @type {Record<string, string>} */
const ARITHMETIC = { "+": "-", "-": "+", "*": "/", "/": "*", "%": "*", "**": "*" };
/** @type {Record<string, string>} */
const LOGICAL = { "&&": "||", "||": "&&", "??": "&&" };
const CHANGED_THEMSELVES = ["BinaryExpression", "LogicalExpression", "UnaryExpression"];
const REMOVED = ["CallExpression", "AwaitExpression", "UpdateExpression"];

/**
 * @param {string} text
 * @param {Node} node
 */
const slice = (text, node) => text.slice(node.start, node.end);

/**
 * Returns the text of an expression with another sign between its two sides.
 *
 * @param {string} text
 * @param {Node} node
 * @param {string} sign
 */
const withSign = (text, node, sign) => {
  const between = text.slice(node.left.end, node.right.start).replace(node.operator, sign);
  return `(${slice(text, node.left)}${between}${slice(text, node.right)})`;
};

/**
 * Yields a call's text with two neighbouring arguments exchanged.
 *
 * @param {string} text
 * @param {Node} node
 */
const swaps = function* (text, node) {
  for (let index = 0; index + 1 < node.arguments.length; index += 1) {
    const [first, second] = node.arguments.slice(index, index + 2);
    if (first.type === "SpreadElement" || second.type === "SpreadElement") continue;
    const between = text.slice(first.end, second.start);
    const swapped = slice(text, second) + between + slice(text, first);
    yield text.slice(node.start, first.start) + swapped + text.slice(second.end, node.end);
  }
};

/** @type {Record<string, (node: Node, script: Script) => void>} */
const expressions = {
  BinaryExpression(node, { text, add }) {
    for (const sign of COMPARISONS[node.operator] ?? []) add(node, "comparison", withSign(text, node, sign));
    const other = ARITHMETIC[node.operator];
    if (other) add(node, "arithmetic", withSign(text, node, other));
  },
  LogicalExpression(node, { text, add }) {
    const [left, right] = [slice(text, node.left), slice(text, node.right)];
    add(node, "boolean", `((${left}) ${LOGICAL[node.operator]} (${right}))`);
  },
  UnaryExpression(node, { text, add }) {
    const operator = { "!": "boolean", "-": "arithmetic" }[/** @type {string} */ (node.operator)];
    if (operator) add(node, operator, `(${slice(text, node.argument)})`);
  },
  ConditionalExpression(node, { text, add }) {
    const [test, yes, no] = [node.test, node.consequent, node.alternate].map((each) => slice(text, each));
    add(node, "boolean", `((${test}) ? ${no} : ${yes})`);
  },
  AssignmentExpression(node, { text, add }) {
    const sign = ARITHMETIC[node.operator.slice(0, -1)];
    if (node.operator.length > 1 && sign)
      add(node, "arithmetic", `${slice(text, node.left)} ${sign}= ${slice(text, node.right)}`);
  },
  UpdateExpression(node, { text, add }) {
    const other = node.operator === "++" ? "--" : "++";
    add(node, "arithmetic", slice(text, node).replace(node.operator, other));
  },
  Literal(node, { add }) {
    if (typeof node.value === "boolean") add(node, "constant", String(!node.value));
    else if (typeof node.value === "number") add(node, "constant", String(node.value + 1));
    else if (typeof node.value === "string") add(node, "constant", node.value === "" ? '"mutant"' : '""');
  },
  ArrowFunctionExpression(node, { add }) {
    if (node.expression) add(node.body, "return", "undefined");
  },
  CallExpression(node, { text, add }) {
    for (const changed of swaps(text, node)) add(node, "swapped argument", changed);
  },
};

/** @type {Record<string, (node: Node, script: Script) => void>} */
const statements = {
  IfStatement(node, { text, add }) {
    if (!CHANGED_THEMSELVES.includes(node.test.type))
      add(node.test, "boolean", `!(${slice(text, node.test)})`);
  },
  ReturnStatement(node, { add }) {
    if (node.argument) add(node, "return", "return undefined;");
  },
  ExpressionStatement(node, { add }) {
    const { type, left } = node.expression;
    const stored = type === "AssignmentExpression" && left.type === "MemberExpression";
    if (stored || REMOVED.includes(type)) add(node, "removed statement", ";");
  },
  ContinueStatement: (node, { add }) => add(node, "removed statement", ";"),
  BreakStatement: (node, { add }) => add(node, "removed statement", ";"),
};

/**
 * Returns true for what runs no logic: imports, directives and messages of the console.
 *
 * @param {Node} node
 */
const isLeftOut = (node) => {
  if (["ImportDeclaration", "ExportAllDeclaration"].includes(node.type) || node.directive) return true;
  const called = node.type === "ExpressionStatement" ? node.expression : node;
  return called.type === "CallExpression" && called.callee.object?.name === "console";
};

/**
 * Returns the name that a node gives to what is inside it.
 *
 * @param {Node} node
 * @returns {string | undefined}
 */
const nameOf = (node) => {
  if (node.type === "FunctionDeclaration" || node.type === "ClassDeclaration") return node.id?.name;
  if (node.type === "MethodDefinition" || node.type === "Property") return node.key.name;
  return node.type === "VariableDeclarator" && node.init?.type.includes("Function")
    ? node.id.name
    : undefined;
};

/**
 * Returns the mutants of one script.
 *
 * @param {string} path
 */
const mutantsOf = (path) => {
  const text = readFileSync(path, "utf8");
  /** @type {object[]} */
  const found = [];
  /**
   * @param {Node} node
   * @param {string[]} scopes
   */
  const visit = (node, scopes) => {
    if (isLeftOut(node)) return;
    const scope = scopes.join(".");
    /** @type {Script["add"]} */
    const add = (changed, operator, becomes) => {
      const { start, end, loc } = changed;
      const was = text.slice(start, end);
      if (was !== becomes)
        found.push({ path, line: loc.start.line, operator, scope, start, end, was, becomes, text: becomes });
    };
    (expressions[node.type] ?? statements[node.type])?.(node, { text, add });
    const name = nameOf(node);
    for (const [key, value] of Object.entries(node)) {
      if (key === "key" || (key === "property" && !node.computed)) continue;
      for (const child of [value].flat())
        if (typeof child?.type === "string") visit(child, name ? [...scopes, name] : scopes);
    }
  };
  visit(parse(text, { ecmaVersion: "latest", sourceType: "module", locations: true }), []);
  return found;
};

stdout.write(JSON.stringify(argv.slice(2).flatMap(mutantsOf)));
