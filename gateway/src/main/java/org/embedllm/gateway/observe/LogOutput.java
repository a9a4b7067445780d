package org.embedllm.gateway.observe;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import java.util.logging.LogManager;
import net.logstash.logback.encoder.LogstashEncoder;
import net.logstash.logback.fieldnames.LogstashFieldNames;
import org.slf4j.LoggerFactory;
import org.slf4j.bridge.SLF4JBridgeHandler;

/// Log lines of this process on standard error: text for people, or a JSON object a line.
public final class LogOutput {
  /// Of the lines about single requests.
  static final String REQUESTS = "embedllm.requests";

  private static final String TEXT =
      "%d{yyyy-MM-dd'T'HH:mm:ss.SSS'Z',UTC} %-5level %replace(%replace(%msg %kvp{DOUBLE}){'[\\r\\n]+', ' '}){' $', ''}%n%ex";

  private LogOutput() {}

  /// Puts everything that is logged in this process into this form.
  ///
  /// @param json whether each line is a JSON object
  /// @param detailed whether every request has its line
  public static void install(boolean json, boolean detailed) {
    var context = (LoggerContext) LoggerFactory.getILoggerFactory();
    context.reset();
    var appender = new ConsoleAppender<ILoggingEvent>();
    appender.setContext(context);
    appender.setTarget("System.err");
    appender.setEncoder(json ? jsonLines(context) : text(context));
    appender.start();
    Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
    root.addAppender(appender);
    root.setLevel(Level.WARN);
    context.getLogger("org.embedllm").setLevel(Level.INFO);
    context.getLogger(REQUESTS).setLevel(detailed ? Level.DEBUG : Level.INFO);
    LogManager.getLogManager().reset();
    SLF4JBridgeHandler.install();
  }

  private static Encoder<ILoggingEvent> text(LoggerContext context) {
    var encoder = new PatternLayoutEncoder();
    encoder.setContext(context);
    encoder.setPattern(TEXT);
    encoder.start();
    return encoder;
  }

  private static Encoder<ILoggingEvent> jsonLines(LoggerContext context) {
    var names = new LogstashFieldNames();
    names.setTimestamp("time");
    names.setStackTrace("thrown");
    names.setVersion("[ignore]");
    names.setThread("[ignore]");
    names.setLevelValue("[ignore]");
    var encoder = new LogstashEncoder();
    encoder.setContext(context);
    encoder.setFieldNames(names);
    encoder.setTimeZone("UTC");
    encoder.setTimestampPattern("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'");
    encoder.start();
    return encoder;
  }
}
