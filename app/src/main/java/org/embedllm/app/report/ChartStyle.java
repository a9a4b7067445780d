package org.embedllm.app.report;

import java.util.List;

/// The colors of charts: variables in a page, so that it can be dark, and literals in a file for a
/// paper. Those of the series are those of the page's groups (`--category-0` to `7` in `app.css`),
/// so that a family looks the same in a report as on the map. From the ninth on, series are gray.
final class ChartStyle {
  static final int COLORS = 8;

  private static final List<String> NAMES =
      List.of("ink", "muted", "grid", "paper", "s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7");
  private static final List<String> LIGHT =
      List.of(
          "#1b1f24", "#57606a", "#e1e4e8", "#ffffff", "#2b6cb0", "#c05a0c", "#2c7a50", "#a8357c",
          "#6a54ab", "#86691a", "#0b7f8d", "#b2343c");
  private static final List<String> DARK =
      List.of(
          "#e8eaed", "#a6adb6", "#343a42", "#15181c", "#7db1ef", "#f0a05c", "#72c494", "#e88cc3",
          "#b3a1f0", "#d4ba62", "#57c6d2", "#f38d88");

  private static final String RULES =
      """
      .chart{font-family:Helvetica,Arial,"Liberation Sans",sans-serif;font-size:12px}
      .chart text{fill:@ink}.chart .tick{fill:@muted;font-size:11px}.chart .small{font-size:11px}
      .chart .head{font-weight:bold}
      .chart .row{stroke-width:1.4}.chart .axis{stroke:@ink;stroke-width:1}.chart .grid{stroke:@grid;stroke-width:1}
      .chart .aid{stroke:@muted;stroke-width:1;stroke-dasharray:4 3;fill:none}
      .chart .l{fill:none;stroke-width:1.6}.chart .w path{fill:none;stroke-width:1.1;opacity:.85}
      .chart .f{stroke-width:1}
      .chart .bar rect,.chart .plus rect{fill:@s0;stroke:@s0}
      .chart .minus rect{fill:@paper;stroke:@s1;stroke-width:1.4}
      .chart .plus rect{stroke-width:1}.chart .join{stroke:@muted;stroke-width:1.2}
      """;

  private ChartStyle() {}

  /// Rules with the light colors as literals.
  static String literal() {
    String rules = RULES + series();
    for (int k = NAMES.size() - 1; k >= 0; k--) {
      rules = rules.replace("@" + NAMES.get(k), LIGHT.get(k));
    }
    return rules;
  }

  /// Rules with colors from variables, and the variables, light and dark.
  static String variable() {
    String rules = RULES + series();
    for (String name : NAMES) {
      rules = rules.replace("@" + name, "var(--" + name + ")");
    }
    return ":root{color-scheme:light;"
        + variables(LIGHT)
        + "}\n"
        + "@media (prefers-color-scheme:dark){:root{color-scheme:dark;"
        + variables(DARK)
        + "}}\n"
        + "@media print{:root{color-scheme:light;"
        + variables(LIGHT)
        + "}}\n"
        + rules;
  }

  private static String variables(List<String> colors) {
    StringBuilder text = new StringBuilder();
    for (int k = 0; k < NAMES.size(); k++) {
      text.append("--").append(NAMES.get(k)).append(':').append(colors.get(k)).append(';');
    }
    return text.toString();
  }

  private static String series() {
    StringBuilder text = new StringBuilder();
    for (int s = 0; s <= COLORS; s++) {
      String color = s < COLORS ? "s" + s : "muted";
      text.append(".chart .s%1$d .f{fill:@%2$s;stroke:@%2$s}".formatted(s, color));
      text.append(".chart .l.s%1$d,.chart .w.s%1$d path{stroke:@%2$s}%n".formatted(s, color));
    }
    return text.toString().replace("\r", "");
  }
}
