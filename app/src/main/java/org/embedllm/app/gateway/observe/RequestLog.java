package org.embedllm.app.gateway.observe;

import java.lang.System.Logger;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.embedllm.app.gateway.decide.Decision;

/// One line a request. No prompt and no key stand in it, unless prompts were asked for.
public final class RequestLog implements Finished.Observer {
  private static final Logger LOG = System.getLogger("embedllm.requests");
  private static final int SHOWN_CHARACTERS = 500;

  private final boolean prompts;

  public RequestLog(boolean prompts) {
    this.prompts = prompts;
  }

  @Override
  public void finished(Finished f) {
    Logger.Level level = f.status() >= 500 ? Logger.Level.WARNING : Logger.Level.DEBUG;
    if (!f.failed().isEmpty()) {
      level = Logger.Level.WARNING;
    }
    if (!LOG.isLoggable(level)) {
      return;
    }
    List<String> fields = new ArrayList<>();
    f.decision().ifPresent(d -> add(fields, d));
    f.answeredBy().ifPresent(model -> fields.add("answeredBy=" + model));
    f.caller().ifPresent(caller -> fields.add("caller=" + caller));
    f.error().ifPresent(error -> fields.add("error=" + error));
    f.usage()
        .ifPresent(u -> fields.add("tokens=%d+%d".formatted(u.promptTokens(), u.answerTokens())));
    if (!f.failed().isEmpty()) {
      fields.add("failed=" + String.join(",", f.failed()));
    }
    LOG.log(
        level,
        String.format(
            Locale.ROOT,
            "status=%d ms=%.1f upstreamMs=%.1f %s",
            f.status(),
            f.totalNanos() / 1e6,
            f.upstreamNanos() / 1e6,
            String.join(" ", fields)));
  }

  private void add(List<String> fields, Decision d) {
    fields.add("decision=" + d.id());
    fields.add("requested=" + d.requested());
    fields.add("chosen=" + d.model());
    if (prompts && !d.text().isEmpty()) {
      String text = d.text().replace('\n', ' ');
      fields.add(
          "prompt=\""
              + (text.length() > SHOWN_CHARACTERS ? text.substring(0, SHOWN_CHARACTERS) : text)
              + "\"");
    }
  }
}
