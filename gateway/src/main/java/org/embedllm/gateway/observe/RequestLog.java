package org.embedllm.gateway.observe;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.slf4j.spi.LoggingEventBuilder;

/// One line a request. It holds no prompt and no key, unless prompts were asked for.
public final class RequestLog implements CompletedRequest.Listener {
  private static final Logger LOG = LoggerFactory.getLogger(LogOutput.REQUESTS);
  private static final int SHOWN_CHARACTERS = 500;

  private final boolean prompts;
  private final Function<CompletedRequest, Map<String, String>> labels;

  /// @param labels further fields of a request
  public RequestLog(boolean prompts, Function<CompletedRequest, Map<String, String>> labels) {
    this.prompts = prompts;
    this.labels = labels;
  }

  @Override
  public void completed(CompletedRequest r) {
    CompletedRequest.Answer answer = r.answer();
    if (!r.asked()) {
      return;
    }
    boolean wrong =
        answer.status() >= 500 || !answer.failed().isEmpty() || answer.broken().isPresent();
    Level level = wrong ? Level.WARN : Level.DEBUG;
    if (!LOG.isEnabledForLevel(level)) {
      return;
    }
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("status", answer.status());
    fields.put("ms", rounded(r.timing().total()));
    fields.put("upstreamMs", rounded(r.timing().upstream()));
    r.choice().ifPresent(choice -> add(fields, choice));
    answer.model().ifPresent(model -> fields.put("answeredBy", model));
    r.request().client().ifPresent(client -> fields.put("caller", client));
    fields.putAll(labels.apply(r));
    answer.error().ifPresent(error -> fields.put("error", error));
    answer
        .usage()
        .ifPresent(u -> {
          fields.put("promptTokens", u.promptTokens());
          fields.put("answerTokens", u.answerTokens());
        });
    if (!answer.failed().isEmpty()) {
      fields.put("failed", joined(answer, FailedAttempt::label, ","));
      fields.put("upstreamSaid", joined(answer, FailedAttempt::detail, "; "));
    }
    answer
        .broken()
        .ifPresent(b -> {
          fields.put("broken", b.label());
          fields.put("upstreamSaid", b.detail());
        });
    LoggingEventBuilder line = LOG.atLevel(level).setMessage("request");
    for (Map.Entry<String, Object> field : fields.entrySet()) {
      line = line.addKeyValue(field.getKey(), field.getValue());
    }
    line.log();
  }

  private static String joined(
      CompletedRequest.Answer answer, Function<FailedAttempt, String> part, String separator) {
    return answer.failed().stream().map(part).collect(Collectors.joining(separator));
  }

  private static double rounded(double millis) {
    return Double.isNaN(millis) ? 0 : Math.rint(millis * 10) / 10;
  }

  private void add(Map<String, Object> fields, CompletedRequest.Choice choice) {
    fields.put("decision", choice.id());
    fields.put("requested", choice.requested());
    fields.put("chosen", choice.model());
    if (prompts && !choice.text().isEmpty()) {
      String text = choice.text();
      fields.put(
          "prompt", text.length() > SHOWN_CHARACTERS ? text.substring(0, SHOWN_CHARACTERS) : text);
    }
  }
}
