/**
 * The shapes of the data that charts are drawn from; see docs/api.md and compliance/charts.
 *
 * @typedef {object} Line One line of a chart.
 * @property {string} key
 * @property {string} label
 * @property {number} [rank] 0 for the line that is furthest behind
 * @property {number[]} dash lengths of dashes and gaps in pixels
 * @property {import("chart.js").PointStyle} shape
 * @property {string} tone the name of a colour in static/css/theme.css
 *
 * @typedef {object} EventMarker Something that happened at a commit.
 * @property {number} at seconds since 1970
 * @property {string} kind
 * @property {string} text
 * @property {string} commit
 * @property {number} [count] how many events this one stands for, if they are too many for one each
 * @property {number} [since] seconds since 1970, the time of the first one of them
 *
 * @typedef {object} Forecast
 * @property {[number, number, number][]} points seconds since 1970, low, high
 * @property {string} words
 *
 * @typedef {object} ComparisonLine A thin line beside the others, such as the same one under another plan version.
 * @property {string} label
 * @property {string} legend
 * @property {[number, number | null][]} points
 *
 * @typedef {[number, ...(number | null)[], string]} LinePoint seconds since 1970, a value per line, commit
 * @typedef {[number, ...number[]]} BarPoint seconds since 1970, a value per column
 *
 * @typedef {object} LineChartData
 * @property {"line"} kind
 * @property {string} title
 * @property {string} unit "%" or ""
 * @property {number | null} target
 * @property {string} target_label
 * @property {string} description the text alternative
 * @property {Record<string, string>} texts templates of texts, see compliance/charts/texts.py
 * @property {string[]} columns
 * @property {Line[]} lines
 * @property {LinePoint[]} points
 * @property {EventMarker[]} marks
 * @property {Record<string, number>} [mark_counts] the number of events of each kind, drawn or not
 * @property {string} [before] the figure that held throughout a range without commits, as a sentence
 * @property {string[]} [notes] what the chart leaves out
 * @property {string[]} [step_columns] the names of the numbers in each of the steps
 * @property {number[][]} [steps] the causes of the step before each point; empty for the first point
 * @property {ComparisonLine | null} [ghost]
 * @property {ComparisonLine | null} [ideal] the straight line to the scope on the due date
 * @property {boolean} [line_labels] false if the ends of lines have no labels, because something is drawn beyond them
 * @property {boolean} [from_zero] false if the axis of values need not begin at 0
 * @property {{ at: number, label: string } | null} [due] the due date, in seconds since 1970
 * @property {Forecast | null} [forecast]
 *
 * @typedef {object} BarChartData
 * @property {"bar"} kind
 * @property {string} title
 * @property {string} unit
 * @property {string} description the text alternative
 * @property {Record<string, string>} texts templates of texts, see compliance/charts/texts.py
 * @property {string[]} columns
 * @property {BarPoint[]} points
 * @property {{ column: number, of: number, rest: string }} [part] a column that is a part of another one, on which it is
 *   stacked, with the label of the other one's rest
 * @property {"week" | "month" | "quarter" | "year"} [period] the length of time that a point covers
 *
 * @typedef {LineChartData | BarChartData} ChartData
 */

export {};
