package org.embedllm.benchmarks;

import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.embedllm.app.cli.JsonOutput;
import org.embedllm.app.web.view.BackgroundJobs;
import org.embedllm.app.web.view.ModelCard;
import org.embedllm.app.web.view.ModelComparison;
import org.embedllm.app.web.view.ModelSpace;
import org.embedllm.app.web.view.SpaceMap;
import org.embedllm.app.web.view.ViewAnswer;

/// How long the views of the page take for large pools, and how many bytes they send.
///
/// `PageFigures --models 5000 --questions 2000 --dimension 64`
public final class PageFigures {
  private static final int REPETITIONS = 9;

  private PageFigures() {}

  public static void main(String[] arguments) throws InterruptedException {
    Flags flags = Flags.of(arguments);
    int m = flags.integer("models", 5_000);
    int n = flags.integer("questions", 2_000);
    int d = flags.integer("dimension", 64);
    ModelSpace space = SimulatedSpace.of(m, n, d, 1);
    say("%,d models, %,d questions, dimension %d: %.0f MiB used%n", m, n, d, used());
    once("map, first time", () -> SpaceMap.pca(space));
    SpaceMap map = SpaceMap.pca(space);
    once("map as JSON", () -> JsonOutput.bytes(map));
    median("model", k -> JsonOutput.bytes(ModelCard.of(space, k * 37 % m)));
    List<Integer> three = List.of(0, m / 2, m - 1);
    List<Integer> many =
        IntStream.range(0, ModelComparison.MOST)
            .mapToObj(k -> k * (m / ModelComparison.MOST))
            .toList();
    median("compare 3", k -> JsonOutput.bytes(ModelComparison.of(space, three)));
    median("compare 24", k -> JsonOutput.bytes(ModelComparison.of(space, many)));
    try (BackgroundJobs background = new BackgroundJobs()) {
      long start = System.nanoTime();
      while (SpaceMap.umap(space, () -> map, background) instanceof ViewAnswer.Working) {
        Thread.sleep(20);
      }
      say("%-16s %8.0f ms%n", "UMAP, behind", (System.nanoTime() - start) / 1e6);
    }
    say("%.0f MiB used at the end%n", used());
  }

  private interface Numbered {
    byte[] run(int repetition);
  }

  private static void once(String name, Supplier<Object> work) {
    long start = System.nanoTime();
    Object result = work.get();
    say(
        "%-16s %8.1f ms%s%n",
        name,
        (System.nanoTime() - start) / 1e6,
        result instanceof byte[] bytes ? "  %,d bytes".formatted(bytes.length) : "");
  }

  private static void median(String name, Numbered work) {
    double[] millis = new double[REPETITIONS];
    int bytes = 0;
    for (int k = 0; k < REPETITIONS; k++) {
      long start = System.nanoTime();
      bytes = work.run(k).length;
      millis[k] = (System.nanoTime() - start) / 1e6;
    }
    java.util.Arrays.sort(millis);
    say("%-16s %8.1f ms  %,d bytes%n", name, millis[REPETITIONS / 2], bytes);
  }

  private static double used() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return (runtime.totalMemory() - runtime.freeMemory()) / (double) (1 << 20);
  }

  private static void say(String format, Object... values) {
    System.out.printf(Locale.ROOT, format, values);
  }
}
