package org.embedllm.gateway.config;

import java.net.URI;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.embedllm.gateway.openai.Api;

/// Reads `shadow`.
final class ShadowReader {
  private static final int QUEUE = 100;

  private ShadowReader() {}

  static ShadowConfig read(Section s) {
    ShadowConfig d = ShadowConfig.OFF;
    Section judge = s.section("judge");
    boolean some = s.has("judge");
    var config =
        new ShadowConfig(
            s.number("share", d.share(), 0, 1),
            s.number("budget", d.budget(), 0, Double.MAX_VALUE),
            s.integer("concurrency", d.concurrency(), 1, 1_000),
            s.flag("special", d.special()),
            some ? judge(judge) : Optional.empty(),
            s.text("rubric"));
    if (config.share() > 0 && !some) {
      s.problem(
          "judge",
          "is missing: {url, name} of a model, {webhook: URL}, or {check: json}; see"
              + " docs/gateway.md");
    }
    s.finish();
    return config;
  }

  private static Optional<ShadowConfig.Judge> judge(Section s) {
    Optional<String> webhook = s.text("webhook");
    Optional<String> check = s.text("check");
    Optional<String> url = s.text("url");
    Optional<String> name = s.text("name");
    Optional<Secret> key = s.text("key").map(Secret::new);
    Section priced = s.section("price");
    var price =
        new UpstreamConfig.Price(
            priced.number("input", 0, 0, Double.MAX_VALUE),
            priced.number("output", 0, 0, Double.MAX_VALUE),
            priced.number("call", 0, 0, Double.MAX_VALUE));
    priced.finish();
    s.finish();
    Optional<ShadowConfig.Judge> found = Optional.empty();
    if (check.isPresent()) {
      requireCheck(s, check.get());
      found = Optional.of(new ShadowConfig.Judge.Check(check.get()));
    } else if (webhook.isPresent()) {
      found = url(s, "webhook", webhook.get()).map(u -> new ShadowConfig.Judge.Webhook(u, key));
    } else if (url.isPresent() && name.isPresent()) {
      found =
          url(s, "url", url.get())
              .map(u -> new ShadowConfig.Judge.Model(upstream(u, name.get(), key, price)));
    } else {
      s.problem("url", "and name of a model are missing; or {webhook: URL}, or {check: json}");
    }
    return found;
  }

  private static void requireCheck(Section s, String check) {
    try {
      if (check.startsWith("regex:")) {
        Pattern.compile(check.substring("regex:".length()));
      } else if (!check.equals("json")) {
        s.problem("check", "must be json or regex:PATTERN; got \"" + check + "\"");
      }
    } catch (PatternSyntaxException e) {
      s.problem("check", "is no regular expression: " + e.getDescription());
    }
  }

  private static Optional<URI> url(Section s, String key, String text) {
    try {
      URI url = URI.create(text.replaceAll("/+$", ""));
      if (url.getHost() != null && String.valueOf(url.getScheme()).startsWith("http")) {
        return Optional.of(url);
      }
    } catch (IllegalArgumentException e) {
      // The same message as for other wrong addresses.
      s.problem(key, "must be a URL such as http://127.0.0.1:9001/v1; got \"" + text + "\"");
      return Optional.empty();
    }
    s.problem(key, "must be a URL such as http://127.0.0.1:9001/v1; got \"" + text + "\"");
    return Optional.empty();
  }

  private static UpstreamConfig upstream(
      URI url, String name, Optional<Secret> key, UpstreamConfig.Price price) {
    return new UpstreamConfig(
        name,
        Api.CHAT,
        url,
        name,
        key,
        Map.of(),
        Optional.of(price),
        OptionalInt.empty(),
        Set.of(),
        UpstreamConfig.Unsupported.NONE,
        QUEUE,
        QUEUE,
        OptionalDouble.empty(),
        UpstreamConfig.Timeouts.DEFAULT,
        true,
        UpstreamConfig.Health.DEFAULT,
        UpstreamConfig.Circuit.DEFAULT);
  }
}
