package org.embedllm.gateway.observe;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.PatternLayout;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.Layout;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.encoder.LayoutWrappingEncoder;
import ch.qos.logback.core.pattern.CompositeConverter;
import java.util.logging.LogManager;
import net.logstash.logback.encoder.LogstashEncoder;
import net.logstash.logback.fieldnames.LogstashFieldNames;
import org.embedllm.storage.Printable;
import org.slf4j.LoggerFactory;
import org.slf4j.bridge.SLF4JBridgeHandler;

/// Log lines of this process on standard error: text for people, or a JSON object a line.
public final class LogOutput {
  /// Of the lines about single requests.
  static final String REQUESTS = "embedllm.requests";

  private static final String TEXT =
      "%printable(%d{yyyy-MM-dd'T'HH:mm:ss.SSS'Z',UTC} %-5level %replace(%replace(%msg %kvp{DOUBLE}){'[\\r\\n]+', ' '}){' $', ''}%n%ex)";

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
    var encoder = new LayoutWrappingEncoder<ILoggingEvent>();
    encoder.setContext(context);
    encoder.setLayout(layout(context));
    encoder.start();
    return encoder;
  }

  /// The form of a line of text.
  static Layout<ILoggingEvent> layout(LoggerContext context) {
    var layout = new PatternLayout();
    layout.setContext(context);
    layout.getInstanceConverterMap().put(PrintableLines.NAME, PrintableLines::new);
    layout.setPattern(TEXT);
    layout.start();
    return layout;
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

  /// The part of a pattern whose text is made fit for a terminal.
  private static final class PrintableLines extends CompositeConverter<ILoggingEvent> {
    static final String NAME = "printable"; // in a pattern

    @Override
    protected String transform(ILoggingEvent event, String text) {
      return Printable.lines(text);
    }
  }
}
