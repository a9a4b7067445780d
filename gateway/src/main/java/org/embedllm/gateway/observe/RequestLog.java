package org.embedllm.gateway.observe;

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

  public RequestLog(boolean prompts) {
    this.prompts = prompts;
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
    LoggingEventBuilder line =
        LOG.atLevel(level)
            .setMessage("request")
            .addKeyValue("status", answer.status())
            .addKeyValue("ms", rounded(r.timing().total()))
            .addKeyValue("upstreamMs", rounded(r.timing().upstream()));
    r.choice().ifPresent(choice -> add(line, choice));
    answer.model().ifPresent(model -> line.addKeyValue("answeredBy", model));
    r.request().caller().ifPresent(caller -> line.addKeyValue("caller", caller));
    answer.error().ifPresent(error -> line.addKeyValue("error", error));
    answer
        .usage()
        .ifPresent(u ->
            line.addKeyValue("promptTokens", u.promptTokens())
                .addKeyValue("answerTokens", u.answerTokens()));
    if (!answer.failed().isEmpty()) {
      line.addKeyValue("failed", joined(answer, FailedAttempt::label, ","));
      line.addKeyValue("upstreamSaid", joined(answer, FailedAttempt::detail, "; "));
    }
    answer
        .broken()
        .ifPresent(
            b -> line.addKeyValue("broken", b.label()).addKeyValue("upstreamSaid", b.detail()));
    line.log();
  }

  private static String joined(
      CompletedRequest.Answer answer,
      java.util.function.Function<FailedAttempt, String> part,
      String separator) {
    return answer.failed().stream().map(part).collect(Collectors.joining(separator));
  }

  private static double rounded(double millis) {
    return Double.isNaN(millis) ? 0 : Math.rint(millis * 10) / 10;
  }

  private void add(LoggingEventBuilder line, CompletedRequest.Choice choice) {
    line.addKeyValue("decision", choice.id())
        .addKeyValue("requested", choice.requested())
        .addKeyValue("chosen", choice.model());
    if (prompts && !choice.text().isEmpty()) {
      String text = choice.text();
      line.addKeyValue(
          "prompt", text.length() > SHOWN_CHARACTERS ? text.substring(0, SHOWN_CHARACTERS) : text);
    }
  }
}
