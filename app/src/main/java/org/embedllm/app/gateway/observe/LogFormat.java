package org.embedllm.app.gateway.observe;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Optional;
import java.util.logging.ConsoleHandler;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// Log lines on standard error: text for people, or a JSON object a line.
public final class LogFormat extends Formatter {
  static {
    // Read by the platform when it makes its first logger, which are those below.
    System.setProperty("java.util.logging.manager", LogsToTheEnd.class.getName());
  }

  private static final JsonMapper JSON = new JsonMapper();

  // Loggers are held weakly by the platform, and forget their level when nobody else holds them.
  private static final Logger REQUESTS = Logger.getLogger("embedllm");
  private static final Logger PROGRAM = Logger.getLogger("org.embedllm");

  private static final Logger LIBRARIES = Logger.getLogger("stderr");

  private final boolean json;

  private LogFormat(boolean json) {
    this.json = json;
  }

  /// Puts everything that is logged in this process into this form.
  ///
  /// Standard error itself is part of it where the lines are JSON. What has been put into JSON
  /// stays so.
  ///
  /// @param detailed whether every request has its line
  public static void install(boolean json, boolean detailed) {
    Logger root = Logger.getLogger("");
    if (Arrays.stream(root.getHandlers()).anyMatch(LogFormat::isJson)) {
      return;
    }
    for (Handler handler : root.getHandlers()) {
      root.removeHandler(handler);
    }
    var console = new ConsoleHandler(); // writes to what standard error is at this moment
    console.setLevel(Level.ALL);
    console.setFormatter(new LogFormat(json));
    root.addHandler(console);
    root.setLevel(Level.WARNING);
    REQUESTS.setLevel(detailed ? Level.FINE : Level.INFO);
    PROGRAM.setLevel(Level.INFO);
    if (json) {
      System.setErr(new StrayLines(LIBRARIES));
    }
  }

  private static boolean isJson(Handler handler) {
    return handler.getFormatter() instanceof LogFormat format && format.json;
  }

  @Override
  public String format(LogRecord record) {
    Optional<Throwable> thrown = Optional.ofNullable(record.getThrown());
    String time = record.getInstant().truncatedTo(ChronoUnit.MILLIS).toString();
    if (!json) {
      return "%s %-7s %s%s%n"
          .formatted(
              time,
              record.getLevel().getName().toLowerCase(java.util.Locale.ROOT),
              formatMessage(record),
              thrown.map(t -> System.lineSeparator() + trace(t)).orElse(""));
    }
    ObjectNode line = JSON.createObjectNode();
    line.put("time", time);
    line.put("level", record.getLevel().getName().toLowerCase(java.util.Locale.ROOT));
    line.put("logger", String.valueOf(record.getLoggerName()));
    Optional<LogFields> fields =
        Optional.ofNullable(record.getParameters())
            .filter(p -> p.length == 1 && p[0] instanceof LogFields)
            .map(p -> (LogFields) p[0]);
    line.put("message", fields.map(LogFields::what).orElseGet(() -> formatMessage(record)));
    fields.ifPresent(f -> f.values().forEach((name, value) -> put(line, name, value)));
    thrown.ifPresent(t -> line.put("thrown", trace(t)));
    return JSON.writeValueAsString(line) + System.lineSeparator();
  }

  private static void put(ObjectNode line, String name, Object value) {
    switch (value) {
      case Double number -> line.put(name, number);
      case Long number -> line.put(name, number);
      case Integer number -> line.put(name, number);
      default -> line.put(name, String.valueOf(value));
    }
  }

  private static String trace(Throwable thrown) {
    var out = new StringWriter();
    thrown.printStackTrace(new PrintWriter(out, true));
    return out.toString();
  }
}
