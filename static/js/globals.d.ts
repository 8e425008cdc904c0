/** What the page's scripts find outside themselves: Chart.js, which the page loads before them, and our additions. */
import type { Chart as ChartClass } from "chart.js";
import type { LineChartData } from "./chart/types.js";

declare global {
  const Chart: typeof ChartClass;
}

declare module "chart.js" {
  interface Chart {
    /** The range that the reader chooses, in pixels. */
    brushed?: [number, number] | null;
    /** The events as they are drawn. */
    markers?: import("./chart/markers.js").Marker[];
  }
  interface PluginOptionsByType<TType extends ChartType> {
    overlays?: { data?: LineChartData | null };
  }
}
