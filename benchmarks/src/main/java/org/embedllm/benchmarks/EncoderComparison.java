package org.embedllm.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.embedllm.onnx.EncoderSettings;
import org.embedllm.onnx.Encoders;
import org.embedllm.question.QuestionEncoder;

/// Texts a second of an encoder beside a bare ONNX Runtime loop on the same lengths, in turns, so
/// that whatever else the machine does disturbs both.
///
/// `java -cp … org.embedllm.benchmarks.EncoderComparison [--texts N] [--rounds N] [--threads N]`
public final class EncoderComparison {
  private static final String[] WORDS = {
    "planet", "number", "river", "green", "seven", "music", "paper", "winter", "small", "energy",
    "table", "city", "money", "light", "water", "market", "letter", "garden", "train", "history"
  };

  private final int texts;
  private final int rounds;
  private final int threads;

  private EncoderComparison(Flags flags) {
    this.texts = flags.integer("texts", 200);
    this.rounds = flags.integer("rounds", 5);
    this.threads = flags.integer("threads", Runtime.getRuntime().availableProcessors());
  }

  /// Prints a table: encoder, tokens of a text, texts a second of the encoder and of the bare loop
  /// (medians), their ratio; then milliseconds of processor time a text, which other load on the
  /// machine disturb less.
  public static void main(String[] arguments) throws Exception {
    EncoderComparison comparison = new EncoderComparison(Flags.of(arguments));
    System.out.println(
        "encoder       tokens  encoder/s   bare/s  ratio  encoder ms  bare ms  ratio");
    for (int words : new int[] {58, 198}) {
      comparison.compare("minilm-l6", words);
      comparison.compare("minilm-l6-q", words);
    }
  }

  private void compare(String name, int words) throws Exception {
    List<String> questions = questions(words);
    EncoderSettings settings = EncoderSettings.of(System.getenv()).withThreads(threads);
    try (QuestionEncoder encoder = Encoders.open(name, settings);
        BareEncoder graph = BareEncoder.named(name).orElseThrow()) {
      encoder.encode(questions.subList(0, Math.min(20, texts)));
      bare(graph, Math.min(20, texts), words + 2);
      double[] ours = new double[rounds];
      double[] theirs = new double[rounds];
      double[] ourProcessor = new double[rounds];
      double[] theirProcessor = new double[rounds];
      for (int round = 0; round < rounds; round++) {
        long start = System.nanoTime();
        long used = processorNanos();
        encoder.encode(questions);
        ours[round] = texts * 1e9 / (System.nanoTime() - start);
        ourProcessor[round] = (processorNanos() - used) / 1e6 / texts;
        start = System.nanoTime();
        used = processorNanos();
        bare(graph, texts, words + 2);
        theirs[round] = texts * 1e9 / (System.nanoTime() - start);
        theirProcessor[round] = (processorNanos() - used) / 1e6 / texts;
      }
      System.out.println(
          String.format(
              Locale.ROOT,
              "%-13s %6d  %9.1f %8.1f  %5.2f  %10.2f %8.2f  %5.2f",
              name,
              words + 2,
              median(ours),
              median(theirs),
              median(ours) / median(theirs),
              median(ourProcessor),
              median(theirProcessor),
              median(theirProcessor) / median(ourProcessor)));
    }
  }

  /// Different texts of as many words; each of the words is one token.
  private List<String> questions(int words) {
    Random random = new Random(1);
    List<String> made = new ArrayList<>();
    for (int i = 0; i < texts; i++) {
      StringBuilder text = new StringBuilder();
      for (int w = 0; w < words; w++) {
        text.append(WORDS[random.nextInt(WORDS.length)]).append(' ');
      }
      made.add(text.toString());
    }
    return made;
  }

  /// Runs the graph on texts of one length; nothing is done with the result.
  private void bare(BareEncoder graph, int count, int length)
      throws InterruptedException, ExecutionException {
    AtomicInteger next = new AtomicInteger();
    Callable<Boolean> worker =
        () -> {
          while (next.getAndIncrement() < count) {
            graph.run(length);
          }
          return true;
        };
    try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
      List<Callable<Boolean>> workers = new ArrayList<>();
      for (int t = 0; t < threads; t++) {
        workers.add(worker);
      }
      for (Future<Boolean> done : pool.invokeAll(workers)) {
        done.get();
      }
    }
  }

  private static long processorNanos() {
    return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime();
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
