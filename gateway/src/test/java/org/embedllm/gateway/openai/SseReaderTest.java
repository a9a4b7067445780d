package org.embedllm.gateway.openai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SseReaderTest {
  /// Gives at most so many bytes at a time, as a network does.
  private static InputStream inPieces(String text, int most) {
    return new FilterInputStream(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8))) {
      @Override
      public int read(byte[] into, int offset, int length) throws IOException {
        return in.read(into, offset, Math.min(most, length));
      }
    };
  }

  private static List<String> events(String text, int most) throws IOException {
    var reader = new SseReader(inPieces(text, most));
    var events = new ArrayList<String>();
    for (Optional<SseEvent> e = reader.next(); e.isPresent(); e = reader.next()) {
      String data = new String(e.get().data(), StandardCharsets.UTF_8);
      events.add(e.get().isComment() ? "(comment)" : e.get().name().orElse("") + "|" + data);
    }
    return events;
  }

  @Test
  void next_anyPieces_givesTheSameEvents() throws IOException {
    List<String> lines =
        List.of(
            ": a comment\r",
            "\r",
            "data: one\r",
            "\r",
            "event: x",
            "data:two",
            "id: 7",
            "data:  lines",
            "",
            "",
            "",
            "data:",
            "",
            "data: é中😀",
            "",
            "data: [DONE]",
            "",
            "data: cut off",
            "");
    String text = String.join("\n", lines);
    String[] expected = {"(comment)", "|one", "x|two\n lines", "|", "|é中😀", "|[DONE]"};
    for (int most = 1; most <= 40; most++) {
      assertThat(events(text, most)).containsExactly(expected);
      assertThat(events("\uFEFF" + text, most)).containsExactly(expected);
      String plain = text.replace("\r", "");
      assertThat(events(plain.replace("\n", "\r"), most)).containsExactly(expected);
      assertThat(events(plain.replace("\n", "\r\n"), most)).containsExactly(expected);
    }
  }

  @Test
  void next_eventsLongerThanTheBuffer_areWhole() throws IOException {
    String word = "x".repeat(100_000);
    assertThat(events("data: " + word + "\n\ndata: y\n\n", 3_000))
        .containsExactly("|" + word, "|y");
  }

  @Test
  void next_somethingElse_isRefused() {
    assertThatThrownBy(() -> events("{\"error\": 1}\n\n", 100)).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> events("<html>\n", 100)).isInstanceOf(IOException.class);
  }

  @Test
  void ready_bytesBehindTheEvent_saysSo() throws IOException {
    var reader = new SseReader(inPieces("data: a\n\ndata: b\n\n", 100));
    assertThat(reader.next()).isPresent();
    assertThat(reader.ready()).isTrue();
    assertThat(reader.next()).isPresent();
    assertThat(reader.ready()).isFalse();
  }
}
