package org.embedllm.onnx;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/// A graph of two operations, written as ONNX's protocol buffers: `sentence_embedding` [1, 1] is
/// the mean of the token numbers.
final class TinyGraph {
  private TinyGraph() {}

  static byte[] ofTokenCounts() {
    Message cast =
        new Message()
            .text(1, "input_ids")
            .text(2, "numbers")
            .text(4, "Cast")
            .message(5, new Message().text(1, "to").number(3, 1).number(20, 2));
    Message mean =
        new Message()
            .text(1, "numbers")
            .text(2, "sentence_embedding")
            .text(4, "ReduceMean")
            .message(5, new Message().text(1, "axes").number(8, 1).number(20, 7))
            .message(5, new Message().text(1, "keepdims").number(3, 1).number(20, 2));
    Message graph =
        new Message()
            .message(1, cast)
            .message(1, mean)
            .text(2, "tiny")
            .message(11, value("input_ids", 7, new Message().text(2, "length")))
            .message(12, value("sentence_embedding", 1, new Message().number(1, 1)));
    return new Message()
        .number(1, 8)
        .message(7, graph)
        .message(8, new Message().text(1, "").number(2, 13))
        .bytes();
  }

  /// A tensor [1, second axis].
  private static Message value(String name, int type, Message secondAxis) {
    Message shape =
        new Message().message(1, new Message().number(1, 1)).message(1, secondAxis);
    Message tensor = new Message().number(1, type).message(2, shape);
    return new Message().text(1, name).message(2, new Message().message(1, tensor));
  }

  private static final class Message {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    Message number(int field, long value) {
      varint((long) field << 3);
      varint(value);
      return this;
    }

    Message text(int field, String text) {
      return content(field, text.getBytes(StandardCharsets.UTF_8));
    }

    Message message(int field, Message message) {
      return content(field, message.bytes());
    }

    private Message content(int field, byte[] content) {
      varint(((long) field << 3) | 2);
      varint(content.length);
      out.writeBytes(content);
      return this;
    }

    private void varint(long value) {
      long rest = value;
      while (rest >= 128) {
        out.write((int) (rest & 127 | 128));
        rest >>>= 7;
      }
      out.write((int) rest);
    }

    byte[] bytes() {
      return out.toByteArray();
    }
  }
}
