package org.embedllm.app.experiment.run;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.SplitPart;
import org.embedllm.factorization.MatrixFactorization;
import org.embedllm.factorization.MatrixFactorizationTrainer;
import org.embedllm.factorization.ModelEmbeddings;
import org.embedllm.factorization.TrainingOptions;
import org.embedllm.factorization.TrainingProblem;
import org.embedllm.factorization.TrainingResult;
import org.embedllm.kernel.KernelFactorizationTrainer;
import org.embedllm.kernel.KernelOptions;
import org.embedllm.linalg.Shuffle;
import org.embedllm.question.QuestionVectors;
import org.embedllm.tensor.FloatMatrix;

/// The context of experiments: the parts of the data, the shared trainings, and the threads.
///
/// Many single trainings run in parallel, one thread each. That is faster than one training on
/// several threads, with the same numbers.
public final class ExperimentContext {
  private final ExperimentSetup setup;
  private final ResultCache cache;
  private final ExperimentListener listener;
  private final long total;
  private final AtomicLong done = new AtomicLong();
  private Optional<Fitted> main = Optional.empty();

  /// @param total number of units that [#finished] will report
  public ExperimentContext(
      ExperimentSetup setup, ResultCache cache, ExperimentListener listener, long total) {
    this.setup = setup;
    this.cache = cache;
    this.listener = listener;
    this.total = total;
  }

  /// A training on all training questions.
  ///
  /// @param seconds it took
  /// @param peakMemoryBytes most resident memory of the process when it ended
  public record Fitted(MatrixFactorization model, double seconds, OptionalLong peakMemoryBytes) {}

  public ExperimentSetup setup() {
    return setup;
  }

  public ResultCache cache() {
    return cache;
  }

  /// Questions of a part, ascending.
  public int[] questions(SplitPart part) {
    return setup.data().split().questions(part);
  }

  /// The training questions that belong to none of the given benchmarks.
  public int[] trainingWithout(Set<String> benchmarks) {
    return Arrays.stream(questions(SplitPart.TRAIN))
        .filter(j -> !benchmarks.contains(setup.data().matrix().questions().get(j).benchmark()))
        .toArray();
  }

  public CorrectnessMatrix answers(int[] questions) {
    return setup.data().matrix().selectQuestions(questions);
  }

  /// As the main training takes them.
  public QuestionVectors vectors(int[] questions) {
    return setup.vectors().select(questions);
  }

  /// The vectors for the paper's factorization and nearest neighbors.
  public QuestionVectors sentences(int[] questions) {
    return setup.sentences().select(questions);
  }

  /// Trains a kernel factorization on the given questions; its dimension and its scale are chosen
  /// on the validation questions.
  public TrainingResult trainKernel(int[] questions, KernelOptions options) {
    TrainingProblem problem = TrainingProblem.of(answers(questions), vectors(questions));
    int[] validation = questions(SplitPart.VALIDATION);
    return new KernelFactorizationTrainer(options)
        .fit(problem.withValidation(answers(validation), vectors(validation)))
        .result();
  }

  /// Rows of P of the paper's factorization on all training questions, [m, d].
  public FloatMatrix paperVectors() {
    return setup.kernel().isEmpty()
        ? main().model().modelVectors()
        : train(questions(SplitPart.TRAIN), setup.options()).model().modelVectors();
  }

  /// Trains the paper's factorization on the given questions.
  public TrainingResult train(int[] questions, TrainingOptions options) {
    TrainingProblem problem = TrainingProblem.of(answers(questions), sentences(questions));
    return new MatrixFactorizationTrainer(options).fit(problem);
  }

  /// The training on all training questions, done once.
  public synchronized Fitted main() {
    if (main.isEmpty()) {
      TrainingResult result =
          setup
              .kernel()
              .map(options -> trainKernel(questions(SplitPart.TRAIN), options))
              .orElseGet(() -> train(questions(SplitPart.TRAIN), setup.options()));
      main =
          Optional.of(
              new Fitted(
                  result.model(), result.history().seconds(), result.history().peakMemoryBytes()));
    }
    return main.orElseThrow();
  }

  /// Canonical embeddings of a training that leaves benchmarks out, from the cache where they are.
  public FloatMatrix embeddingsWithout(List<String> benchmarks) {
    String key = "embeddings without " + String.join(" and ", benchmarks);
    Optional<FloatMatrix> kept =
        cache.matrix(key).filter(matrix -> matrix.rows() == setup.data().matrix().modelCount());
    return kept.orElseGet(() -> {
      int[] questions = trainingWithout(Set.copyOf(benchmarks));
      MatrixFactorization model = train(questions, setup.options().withThreads(1)).model();
      FloatMatrix embeddings =
          ModelEmbeddings.canonical(model, sentences(questions).vectors()).vectors();
      cache.put(key, embeddings);
      return embeddings;
    });
  }

  /// Tells that a unit of work is done.
  public void finished(String what) {
    listener.progress(done.incrementAndGet(), total, what);
  }

  /// Runs independent tasks on all threads; results are in the order of the tasks.
  public <T, R> List<R> parallel(List<T> work, Function<T, R> function) {
    int threads = Math.max(1, Math.min(setup.options().threads(), work.size()));
    List<Future<R>> futures = new ArrayList<>();
    try (ExecutorService executor = Executors.newFixedThreadPool(threads)) {
      try {
        work.forEach(item -> futures.add(executor.submit(() -> function.apply(item))));
        List<R> results = new ArrayList<>();
        for (Future<R> future : futures) {
          results.add(future.get());
        }
        return results;
      } catch (InterruptedException e) {
        executor.shutdownNow();
        Thread.currentThread().interrupt();
        throw (CancellationException)
            new CancellationException("the experiment was interrupted").initCause(e);
      } catch (ExecutionException e) {
        executor.shutdownNow();
        throw rethrown(e);
      }
    }
  }

  private static RuntimeException rethrown(ExecutionException e) {
    return switch (e.getCause()) {
      case RuntimeException unchecked -> unchecked;
      case Error error -> throw error;
      case null, default -> new IllegalStateException(e);
    };
  }

  /// `count` questions of a part drawn without replacement, ascending; nested for one seed.
  public static int[] sample(int[] questions, int count, long seed) {
    int[] order = Shuffle.of(questions, new SplittableRandom(seed));
    return IntStream.of(Arrays.copyOf(order, count)).sorted().toArray();
  }
}
