package org.embedllm.gateway;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;

/// A collector of traces on this machine: reads as much of OTLP's protobuf as the tests ask about.
final class OtlpReceiver implements AutoCloseable {
  private final HttpServer server;
  private final List<Span> spans = new CopyOnWriteArrayList<>();

  /// @param kind 1 internal, 2 server, 3 client
  /// @param nanos its length
  /// @param failed whether its status is an error
  record Span(
      String service,
      String trace,
      String id,
      String parent,
      String name,
      long kind,
      long nanos,
      boolean failed,
      Map<String, Object> attributes,
      List<String> events) {}

  /// A message's fields by number: numbers, or bytes.
  private static final class Message {
    private final Map<Integer, List<Long>> numbers = new TreeMap<>();
    private final Map<Integer, List<byte[]>> parts = new TreeMap<>();

    Message(byte[] bytes) {
      ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
      while (in.hasRemaining()) {
        long tag = varint(in);
        int number = (int) (tag >>> 3);
        switch ((int) (tag & 7)) {
          case 0 -> add(numbers, number, varint(in));
          case 1 -> add(numbers, number, in.getLong());
          case 2 -> {
            byte[] part = new byte[(int) varint(in)];
            in.get(part);
            add(parts, number, part);
          }
          case 5 -> add(numbers, number, (long) in.getInt());
          default -> throw new IllegalArgumentException("not protobuf");
        }
      }
    }

    private static <T> void add(Map<Integer, List<T>> to, int number, T value) {
      to.computeIfAbsent(number, n -> new ArrayList<>()).add(value);
    }

    private static long varint(ByteBuffer in) {
      long value = 0;
      for (int shift = 0; shift < 64; shift += 7) {
        byte b = in.get();
        value |= (long) (b & 0x7f) << shift;
        if (b >= 0) {
          break;
        }
      }
      return value;
    }

    List<Message> messages(int number) {
      return parts.getOrDefault(number, List.of()).stream().map(Message::new).toList();
    }

    long number(int number) {
      return numbers.getOrDefault(number, List.of(0L)).getFirst();
    }

    String text(int number) {
      return new String(bytes(number), StandardCharsets.UTF_8);
    }

    String hex(int number) {
      return HexFormat.of().formatHex(bytes(number));
    }

    private byte[] bytes(int number) {
      return parts.getOrDefault(number, List.of(new byte[0])).getFirst();
    }

    /// Key-value pairs: texts, whole numbers, and floating ones.
    Map<String, Object> attributes(int number) {
      var attributes = new TreeMap<String, Object>();
      for (Message pair : messages(number)) {
        for (Message value : pair.messages(2)) {
          attributes.put(
              pair.text(1),
              value.parts.containsKey(1)
                  ? value.text(1)
                  : value.numbers.containsKey(4)
                      ? (Object) Double.longBitsToDouble(value.number(4))
                      : (Object) value.number(3));
        }
      }
      return attributes;
    }
  }

  OtlpReceiver() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
    server.createContext("/v1/traces", this::take);
    server.start();
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  List<Span> spans() {
    return spans;
  }

  private void take(HttpExchange e) throws IOException {
    for (Message resource : new Message(e.getRequestBody().readAllBytes()).messages(1)) {
      String service =
          String.valueOf(resource.messages(1).getFirst().attributes(1).get("service.name"));
      for (Message scope : resource.messages(2)) {
        scope.messages(2).forEach(span -> spans.add(span(service, span)));
      }
    }
    e.getResponseHeaders().set("Content-Type", "application/x-protobuf");
    e.sendResponseHeaders(200, -1);
    e.close();
  }

  private static Span span(String service, Message span) {
    return new Span(
        service,
        span.hex(1),
        span.hex(2),
        span.hex(4),
        span.text(5),
        span.number(6),
        span.number(8) - span.number(7),
        span.messages(15).stream().anyMatch(status -> status.number(3) == 2),
        span.attributes(9),
        span.messages(11).stream().map(event -> event.text(2) + event.attributes(3)).toList());
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
