package org.embedllm.onnx;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/// A graph of four operations, written as ONNX's protocol buffers: `sentence_embedding` [1, 1] is
/// the mean of the token numbers times a weight that is in `model.onnx_data`.
final class TinyGraph {
  private TinyGraph() {}

  /// Numbers of element types.
  static final int FLOAT = 1;

  static final int HALF = 10;

  /// @param type of the output
  static byte[] of(int type) {
    Message cast = node("Cast", "numbers", "input_ids").message(5, attribute("to", FLOAT));
    Message mean =
        node("ReduceMean", "mean", "numbers")
            .message(5, new Message().text(1, "axes").number(8, 1).number(20, 7))
            .message(5, attribute("keepdims", 1));
    Message scaled = node("Mul", "scaled", "mean", "scale");
    Message typed = node("Cast", "sentence_embedding", "scaled").message(5, attribute("to", type));
    Message scale =
        new Message()
            .number(1, 1)
            .number(1, 1)
            .number(2, FLOAT)
            .text(8, "scale")
            .message(13, new Message().text(1, "location").text(2, "model.onnx_data"))
            .message(13, new Message().text(1, "offset").text(2, "0"))
            .message(13, new Message().text(1, "length").text(2, "4"))
            .number(14, 1);
    Message graph =
        new Message()
            .message(1, cast)
            .message(1, mean)
            .message(1, scaled)
            .message(1, typed)
            .text(2, "tiny")
            .message(5, scale)
            .message(11, value("input_ids", 7, new Message().text(2, "length")))
            .message(12, value("sentence_embedding", type, new Message().number(1, 1)));
    return new Message()
        .number(1, 8)
        .message(7, graph)
        .message(8, new Message().text(1, "").number(2, 13))
        .bytes();
  }

  private static Message node(String operation, String output, String... inputs) {
    Message node = new Message();
    for (String input : inputs) {
      node.text(1, input);
    }
    return node.text(2, output).text(4, operation);
  }

  private static Message attribute(String name, long value) {
    return new Message().text(1, name).number(3, value).number(20, 2);
  }

  /// A tensor [1, second axis].
  private static Message value(String name, int type, Message secondAxis) {
    Message shape = new Message().message(1, new Message().number(1, 1)).message(1, secondAxis);
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
        out.write((int) ((rest & 127) | 128));
        rest >>>= 7;
      }
      out.write((int) rest);
    }

    byte[] bytes() {
      return out.toByteArray();
    }
  }
}
