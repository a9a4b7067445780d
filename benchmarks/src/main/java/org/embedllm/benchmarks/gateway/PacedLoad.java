package org.embedllm.benchmarks.gateway;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongFunction;

/// Requests at a constant rate over kept connections, each timed from the moment it was due: a slow
/// answer does not make the load lighter.
final class PacedLoad {
  /// From the call of [#run] to the first request.
  static final Duration LEAD = Duration.ofMillis(50);

  private final int port;
  private final String path;
  private final String headers;
  private final LongFunction<String> body;

  /// @param headers each ended with CR LF
  /// @param body the n-th request's
  PacedLoad(int port, String path, String headers, LongFunction<String> body) {
    this.port = port;
    this.path = path;
    this.headers = headers;
    this.body = body;
  }

  /// What was measured.
  ///
  /// @param p50 milliseconds
  /// @param p99 milliseconds
  /// @param failed answers other than 200
  record Result(int requests, double p50, double p99, long failed) {}

  /// @throws IllegalStateException where most requests failed
  Result run(double perSecond, int connections, Duration time) throws InterruptedException {
    int each = (int) (perSecond * time.toMillis() / 1000 / connections);
    long gap = (long) (1e9 * connections / perSecond);
    var workers = new ArrayList<Worker>();
    long start = System.nanoTime() + LEAD.toNanos();
    for (int i = 0; i < connections; i++) {
      workers.add(new Worker(start + gap * i / connections, gap, each, (long) i * each));
    }
    List<Thread> threads = workers.stream().map(w -> Thread.ofPlatform().start(w)).toList();
    for (Thread thread : threads) {
      thread.join();
    }
    long[] all = workers.stream().flatMapToLong(w -> Arrays.stream(w.nanos)).sorted().toArray();
    long failed = workers.stream().mapToLong(w -> w.failed).sum();
    if (2 * failed > all.length) {
      throw new IllegalStateException(
          "%d of %d requests to %s failed: these times say nothing"
              .formatted(failed, all.length, path));
    }
    return new Result(
        all.length, all[all.length / 2] / 1e6, all[(int) (all.length * 0.99)] / 1e6, failed);
  }

  /// @param due `System.nanoTime()`
  static void waitUntil(long due) {
    for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }

  private final class Worker implements Runnable {
    private final long start;
    private final long gap;
    private final long first;
    private final long[] nanos;
    private long failed;

    Worker(long start, long gap, int count, long first) {
      this.start = start;
      this.gap = gap;
      this.first = first;
      this.nanos = new long[count];
    }

    @Override
    public void run() {
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
        socket.setTcpNoDelay(true);
        InputStream in = new BufferedInputStream(socket.getInputStream());
        OutputStream out = socket.getOutputStream();
        for (int i = 0; i < nanos.length; i++) {
          long due = start + gap * i;
          waitUntil(due);
          byte[] content = body.apply(first + i).getBytes(StandardCharsets.UTF_8);
          String head =
              "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n%sContent-Length: %d\r\n\r\n"
                  .formatted(path, headers, content.length);
          byte[] both =
              Arrays.copyOf(head.getBytes(StandardCharsets.UTF_8), head.length() + content.length);
          System.arraycopy(content, 0, both, head.length(), content.length);
          out.write(both);
          out.flush();
          failed += read(in) ? 0 : 1;
          nanos[i] = System.nanoTime() - due;
        }
      } catch (IOException e) {
        failed += nanos.length;
      }
    }

    private static boolean read(InputStream in) throws IOException {
      boolean ok = line(in).contains(" 200 ");
      int length = -1;
      boolean chunked = false;
      for (String header = line(in); !header.isEmpty(); header = line(in)) {
        String lower = header.toLowerCase(java.util.Locale.ROOT);
        if (lower.startsWith("content-length:")) {
          length = Integer.parseInt(lower.substring(15).strip());
        }
        chunked |= lower.startsWith("transfer-encoding:") && lower.contains("chunked");
      }
      if (chunked) {
        for (int size = Integer.parseInt(line(in), 16);
            size > 0;
            size = Integer.parseInt(line(in), 16)) {
          in.skipNBytes(size + 2L);
        }
        line(in);
      } else {
        in.skipNBytes(Math.max(0, length));
      }
      return ok;
    }

    private static String line(InputStream in) throws IOException {
      var line = new StringBuilder(64);
      for (int c = in.read(); c != '\n'; c = in.read()) {
        if (c < 0) {
          throw new IOException("closed");
        }
        if (c != '\r') {
          line.append((char) c);
        }
      }
      return line.toString();
    }
  }
}
