package org.embedllm.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.embedllm.storage.Printable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/// Text from outside in what the program prints.
class PrintedTextTest {
  private static final String BITES =
      "a\u001b]0;x\u0007\u007f\u0085\u009b2J\u200f\u202eb\u2066 é 中";

  private static void assertHarmless(String printed) {
    assertThat(printed.chars().filter(c -> c != '\n' && c != '\t' && Printable.acts((char) c)))
        .isEmpty();
  }

  @Test
  void json_keepsItsValues_andHasNothingThatActs() {
    var document = Map.of(BITES, BITES);
    StringWriter printed = new StringWriter();
    JsonOutput.write(document, new PrintWriter(printed));
    JsonDocuments array = JsonOutput.array(new PrintWriter(printed));
    array.add(document);
    array.end();
    String line = new String(JsonOutput.bytes(document), StandardCharsets.UTF_8);
    String tree =
        new String(
            JsonOutput.bytes(JsonMapper.shared().createObjectNode().put(BITES, BITES)),
            StandardCharsets.UTF_8);

    assertHarmless(printed + line);
    assertThat(line).isEqualTo(tree).contains("\\u007F\\u0085\\u009B2J", "b\\u2066 é 中");
    assertThat(JsonMapper.shared().readTree(line).path(BITES).asString()).isEqualTo(BITES);
  }

  @Test
  void stackTrace_hasNothingThatActs() {
    StringWriter printed = new StringWriter();

    new Errors(true)
        .failed(
            new IllegalStateException(BITES, new RuntimeException(BITES)),
            new PrintWriter(printed));

    assertHarmless(printed.toString());
    assertThat(printed.toString()).contains("Caused by: ", "\tat ", "\\u007f\\u0085");
  }

  @Test
  void logLine_hasNothingThatActs() {
    var context = new LoggerContext();
    var event =
        new LoggingEvent(
            "",
            context.getLogger("l"),
            Level.WARN,
            "one\n" + BITES,
            new IllegalStateException(BITES),
            null);

    String printed = LogSettings.layout(context).doLayout(event);

    assertHarmless(printed);
    assertThat(printed).startsWith("WARN  l - one a\\u001b").contains("\n\tat ");
    assertThat(printed.split("IllegalStateException", -1)).hasSize(2);
  }
}
