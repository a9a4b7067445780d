package org.embedllm.app.gateway.openai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
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
    return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)) {
      @Override
      public synchronized int read(byte[] into, int offset, int length) {
        return super.read(into, offset, Math.min(most, length));
      }
    };
  }

  private static List<String> events(String text, int most) throws IOException {
    var reader = new SseReader(inPieces(text, most));
    var events = new ArrayList<String>();
    for (Optional<byte[]> data = reader.next(); data.isPresent(); data = reader.next()) {
      events.add(new String(data.get(), StandardCharsets.UTF_8));
    }
    return events;
  }

  @Test
  void next_anyPieces_givesTheSameEvents() throws IOException {
    String text =
        ": a comment\r\n\r\ndata: one\r\n\r\nevent: x\ndata:two\nid: 7\ndata:  lines\n\n\n\n"
            + "data:\n\ndata: \u00e9\u4e2d\ud83d\ude00\n\ndata: [DONE]\n\ndata: cut off\n";
    for (int most = 1; most <= 40; most++) {
      assertThat(events(text, most))
          .containsExactly("one", "two\n lines", "", "\u00e9\u4e2d\ud83d\ude00", "[DONE]");
    }
  }

  @Test
  void next_eventsLongerThanTheBuffer_areWhole() throws IOException {
    String word = "x".repeat(100_000);
    assertThat(events("data: " + word + "\n\ndata: y\n\n", 3_000)).containsExactly(word, "y");
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
