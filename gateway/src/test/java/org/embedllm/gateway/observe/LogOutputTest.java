package org.embedllm.gateway.observe;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import java.util.List;
import org.embedllm.storage.Printable;
import org.junit.jupiter.api.Test;
import org.slf4j.event.KeyValuePair;

class LogOutputTest {
  @Test
  void textLine_ofAnyRequest_hasNothingThatActsOnATerminal() {
    String bites = "/v1\u001b[2J\u007f\u009b2J\u202e\r\nx";
    var context = new LoggerContext();
    var event =
        new LoggingEvent(
            "",
            context.getLogger("l"),
            Level.INFO,
            "request",
            new IllegalStateException(bites),
            null);
    event.setKeyValuePairs(List.of(new KeyValuePair("path", bites)));

    String printed = LogOutput.layout(context).doLayout(event).replace("\r\n", "\n");

    assertThat(printed.chars().filter(c -> c != '\n' && c != '\t' && Printable.acts((char) c)))
        .isEmpty();
    assertThat(printed)
        .contains("path=\"/v1\\u001b[2J\\u007f\\u009b2J\\u202e x\"\njava.lang.IllegalState");
    assertThat(printed.split("IllegalStateException", -1)).hasSize(2);
  }
}
