package org.embedllm.app.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.PatternLayout;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.Layout;
import ch.qos.logback.core.encoder.LayoutWrappingEncoder;
import ch.qos.logback.core.pattern.CompositeConverter;
import ch.qos.logback.core.spi.ContextAwareBase;
import org.embedllm.storage.Printable;

/// Logs of the command line: warnings on standard error, one line each. Logback finds this class
/// when somebody logs first; that saves reading a configuration file at every start.
public final class LogSettings extends ContextAwareBase implements Configurator {
  /// System property: whether lines of level INFO show too.
  static final String VERBOSE = "embedllm.verbose";

  @Override
  public ExecutionStatus configure(LoggerContext context) {
    var encoder = new LayoutWrappingEncoder<ILoggingEvent>();
    encoder.setContext(context);
    encoder.setLayout(layout(context));
    encoder.start();
    var appender = new ConsoleAppender<ILoggingEvent>();
    appender.setContext(context);
    appender.setTarget("System.err");
    appender.setEncoder(encoder);
    appender.start();
    Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
    root.addAppender(appender);
    root.setLevel(Boolean.getBoolean(VERBOSE) ? Level.INFO : Level.WARN);
    // It says that there is no GPU, which nobody asked for.
    context.getLogger("ai.djl").setLevel(Level.ERROR);
    return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
  }

  /// The form of a line.
  static Layout<ILoggingEvent> layout(LoggerContext context) {
    var layout = new PatternLayout();
    layout.setContext(context);
    layout.getInstanceConverterMap().put(PrintableLines.NAME, PrintableLines::new);
    layout.setPattern("%printable(%-5level %logger{0} - %replace(%msg){'[\\r\\n]+', ' '}%n%ex)");
    layout.start();
    return layout;
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
