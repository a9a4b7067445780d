package org.embedllm.app.cli;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.function.LongSupplier;

/// Progress for a log file: a line every ten seconds and one at the end.
final class LineProgress implements Progress {
  private static final long INTERVAL_NANOS = 10_000_000_000L;
  private static final double SLOW = 1; // a second: below, the time of one says more than a rate

  private final String task;
  private final long total;
  private final String unit;
  private final PrintWriter err;
  private final LongSupplier nanoClock;
  private final long start;
  private long lastLine;
  private long done;
  private long written = -1; // what the last line said was done
  private String detail = "";

  /// @param nanoClock as [System#nanoTime]
  LineProgress(String task, long total, String unit, PrintWriter err, LongSupplier nanoClock) {
    this.task = Terminal.shown(task);
    this.total = total;
    this.unit = unit;
    this.err = err;
    this.nanoClock = nanoClock;
    this.start = nanoClock.getAsLong();
    this.lastLine = start;
  }

  @Override
  public synchronized void advanceTo(long done) {
    this.done = done;
    long now = nanoClock.getAsLong();
    if (now - lastLine >= INTERVAL_NANOS) {
      lastLine = now;
      print(now);
    }
  }

  @Override
  public synchronized void detail(String detail) {
    this.detail = Terminal.shown(detail);
  }

  @Override
  public synchronized void close() {
    if (written < done || written < 0) {
      print(nanoClock.getAsLong());
    }
  }

  private void print(long now) {
    written = done;
    double seconds = (now - start) / 1e9;
    double rate = seconds > 0 && total != 1 ? done / seconds : 0;
    StringBuilder line = new StringBuilder(task).append(": ").append(done);
    if (total > 0) {
      line.append(" of ").append(total);
    }
    line.append(" " + unit + ", " + Durations.text(seconds));
    if (rate > 0) {
      line.append(
          rate < SLOW
              ? String.format(Locale.ROOT, ", %.1f s each", 1 / rate)
              : String.format(Locale.ROOT, ", %.0f/s", rate));
    }
    if (rate > 0 && done < total) {
      line.append(", " + Durations.about((total - done) / rate) + " left");
    }
    if (!detail.isEmpty()) {
      line.append(", ").append(detail);
    }
    err.println(line);
  }
}
