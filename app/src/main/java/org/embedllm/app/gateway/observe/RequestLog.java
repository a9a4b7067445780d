package org.embedllm.app.gateway.observe;

import java.lang.System.Logger;
import java.util.LinkedHashMap;
import java.util.Map;
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
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("status", f.status());
    fields.put("ms", f.totalNanos() / 1e6);
    fields.put("upstreamMs", f.upstreamNanos() / 1e6);
    f.decision().ifPresent(d -> add(fields, d));
    f.answeredBy().ifPresent(model -> fields.put("answeredBy", model));
    f.caller().ifPresent(caller -> fields.put("caller", caller));
    f.error().ifPresent(error -> fields.put("error", error));
    f.usage()
        .ifPresent(u -> {
          fields.put("promptTokens", u.promptTokens());
          fields.put("answerTokens", u.answerTokens());
        });
    if (!f.failed().isEmpty()) {
      fields.put("failed", String.join(",", f.failed()));
    }
    LOG.log(level, "{0}", new LogFields("request", fields));
  }

  private void add(Map<String, Object> fields, Decision d) {
    fields.put("decision", d.id());
    fields.put("requested", d.requested());
    fields.put("chosen", d.model());
    if (prompts && !d.text().isEmpty()) {
      String text = d.text();
      fields.put(
          "prompt", text.length() > SHOWN_CHARACTERS ? text.substring(0, SHOWN_CHARACTERS) : text);
    }
  }
}
