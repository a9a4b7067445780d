package org.embedllm.app.report;

import java.util.List;

/// The colors of charts: variables in a page, so that it can be dark, and literals in a file for a
/// paper. Hues are those of Okabe and Ito (2008), which most color-blind readers can distinguish.
final class ChartStyle {
  static final int COLORS = 6;

  private static final List<String> NAMES =
      List.of("ink", "muted", "grid", "paper", "s0", "s1", "s2", "s3", "s4", "s5");
  private static final List<String> LIGHT =
      List.of(
          "#1b1f24", "#57606a", "#e1e4e8", "#ffffff", "#0072b2", "#c04f00", "#00805e", "#984a8c",
          "#946a00", "#4a4f55");
  private static final List<String> DARK =
      List.of(
          "#e8eaed", "#a6adb6", "#343a42", "#15181c", "#62b8ec", "#ff9a57", "#3fcf9e", "#dc9fd2",
          "#e8b93a", "#b6bcc4");

  private static final String RULES =
      """
      .chart{font-family:Helvetica,Arial,"Liberation Sans",sans-serif;font-size:12px}
      .chart text{fill:@ink}.chart .tick{fill:@muted;font-size:11px}.chart .small{font-size:11px}
      .chart .head{font-weight:bold}
      .chart .axis{stroke:@ink;stroke-width:1}.chart .grid{stroke:@grid;stroke-width:1}
      .chart .aid{stroke:@muted;stroke-width:1;stroke-dasharray:4 3;fill:none}
      .chart .l{fill:none;stroke-width:1.6}.chart .w path{fill:none;stroke-width:1.1;opacity:.85}
      .chart .f{stroke-width:1}.chart .h{fill:@paper;stroke-width:1.6}.chart .x{fill:none;stroke-width:1.8}
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
    for (int s = 0; s < COLORS; s++) {
      text.append(
          ".chart .s%1$d .f{fill:@s%1$d;stroke:@s%1$d}.chart .s%1$d .h{stroke:@s%1$d}"
              .formatted(s));
      text.append(
          ".chart .s%1$d .x,.chart .l.s%1$d,.chart .w.s%1$d path{stroke:@s%1$d}%n".formatted(s));
    }
    return text.toString().replace("\r", "");
  }
}
