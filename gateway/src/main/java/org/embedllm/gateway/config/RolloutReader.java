package org.embedllm.gateway.config;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.embedllm.offpolicy.Exploration;
import org.embedllm.storage.DidYouMean;

/// Reads `mode`, `default`, `exploration` and `guards`.
final class RolloutReader {
  private static final Pattern CANARY = Pattern.compile("canary\\s+(\\d+(?:\\.\\d+)?)\\s*%");
  private static final double MOST_SHARE = 0.5;

  private RolloutReader() {}

  static RolloutConfig read(Section root, List<UpstreamConfig> upstreams) {
    String text = root.text("mode", "on").strip().toLowerCase(Locale.ROOT);
    Matcher canary = CANARY.matcher(text);
    RolloutConfig.Mode mode = RolloutConfig.Mode.ON;
    double share = 1;
    if (text.equals("dry-run")) {
      mode = RolloutConfig.Mode.DRY_RUN;
    } else if (canary.matches()) {
      mode = RolloutConfig.Mode.CANARY;
      share = Double.parseDouble(canary.group(1)) / 100;
    }
    boolean wrong = mode == RolloutConfig.Mode.ON && !text.equals("on") && !text.equals("true");
    if (wrong || (mode == RolloutConfig.Mode.CANARY && !(share > 0 && share < 1))) {
      root.problem(
          "mode", "must be dry-run, canary P% such as canary 10%, or on; got \"" + text + "\"");
    }
    return new RolloutConfig(
        mode,
        share,
        defaultModel(root, upstreams),
        exploration(root.section("exploration")),
        notExplored(root.section("exploration")),
        guards(root.section("guards")));
  }

  private static Optional<String> defaultModel(Section root, List<UpstreamConfig> upstreams) {
    List<String> models = upstreams.stream().map(UpstreamConfig::model).toList();
    Optional<String> model = root.text("default");
    model
        .filter(name -> !models.contains(name))
        .ifPresent(name ->
            root.problem(
                "default",
                "names \"%s\", which no upstream offers.%s"
                    .formatted(name, DidYouMean.hint(name, models))));
    return model;
  }

  private static Exploration exploration(Section s) {
    Exploration d = Exploration.OFF;
    String rule = s.text("rule", "thompson");
    if (Exploration.Rule.parse(rule).isEmpty()) {
      s.problem("rule", "must be thompson or uniform; got \"" + rule + "\"");
    }
    var exploration =
        new Exploration(
            s.number("share", d.share(), 0, MOST_SHARE),
            Exploration.Rule.parse(rule).orElse(d.rule()),
            s.number("loss", d.loss(), 0, 1));
    s.texts("exceptKeys");
    s.finish();
    return exploration;
  }

  private static Set<String> notExplored(Section s) {
    return new HashSet<>(s.texts("exceptKeys"));
  }

  private static RolloutConfig.Guards guards(Section s) {
    RolloutConfig.Guards d = RolloutConfig.Guards.DEFAULT;
    var guards =
        new RolloutConfig.Guards(
            s.number("errorRate", d.errorRate(), 0, 1),
            s.number("quality", d.quality(), 0, 1),
            s.number("spendRatio", d.spendRatio(), 0, Double.MAX_VALUE),
            s.integer("minimum", d.minimum(), 1, 1_000_000));
    s.finish();
    return guards;
  }
}
