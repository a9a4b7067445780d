package org.embedllm.gateway.decide;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.embedllm.artifact.ModelArtifact;
import org.embedllm.artifact.OnlineLearning;
import org.embedllm.artifact.ServedForecaster;
import org.embedllm.artifact.TrainingQuestions;
import org.embedllm.correctness.AnswerCounts;
import org.embedllm.correctness.Attributes;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.Question;
import org.embedllm.correctness.UsageQuantity;
import org.embedllm.forecast.Forecast;
import org.embedllm.forecast.ForecastQuantity;
import org.embedllm.neighbors.NeighborSearch;
import org.embedllm.neighbors.Neighborhoods;
import org.embedllm.question.EncoderIdentity;
import org.embedllm.question.QuestionEncoder;
import org.embedllm.tensor.FloatMatrix;
import org.embedllm.usage.OnlineUsage;
import org.embedllm.usage.UsageForecast;
import org.embedllm.usage.UsageModel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A trained model with its encoder: each text is encoded once, on a few threads of their own, and
/// its forecast is kept in a bounded cache.
public final class TrainedForecaster implements PromptForecaster {
  private static final Logger LOG = LoggerFactory.getLogger(TrainedForecaster.class);
  private static final int WARM_UP_TEXTS = 500;
  private static final int TEXTS_A_TURN = 8;
  private static final String EASY_TEXT = "Is it?" + " ".repeat(400) + "\nA. x\nB. y";

  private volatile Judge judge;
  private final Optional<OnlineLearning> learning;
  private final Optional<OnlineUsage> usage; // its own lock
  private final Map<String, Double> results; // in training, in row order
  private final ForecastQuantity quantity;
  private final QuestionEncoder encoder;
  private final Optional<TrainingQuestions> training;
  private final Optional<NeighborSearch> search;
  private final Cache<String, CompletableFuture<Known>> cache;
  private final Cache<Near, List<Neighbor>> neighbors;
  private final ThreadPoolExecutor encoding;
  private final Set<String> models;

  /// A forecaster, and the number of feedback scores in it.
  private record Judge(ServedForecaster forecaster, long learned) {}

  private record Known(FloatMatrix vector, Forecast forecast, long learned) {}

  private record Near(String text, int count) {}

  /// @param artifact the trained model
  /// @param encoder its encoder; closed with the forecaster
  /// @param training the questions kept beside it
  /// @param threads that encode at a time
  /// @param queue texts that may wait for one of these
  /// @param remembered forecasts kept
  public TrainedForecaster(
      ModelArtifact artifact,
      QuestionEncoder encoder,
      Optional<TrainingQuestions> training,
      int threads,
      int queue,
      int remembered) {
    this.judge = new Judge(artifact.served(training), 0);
    this.learning = OnlineLearning.of(artifact);
    this.results = results(artifact);
    this.usage = artifact.usage().map(OnlineUsage::new);
    this.quantity = artifact.quantity();
    this.encoder = encoder;
    this.training = training;
    this.search =
        training
            .filter(t -> t.vectors().count() > 0)
            .map(t -> new NeighborSearch(t.vectors().vectors(), 1));
    this.cache = Caffeine.newBuilder().maximumSize(remembered).executor(Runnable::run).build();
    this.neighbors = Caffeine.newBuilder().maximumSize(remembered).executor(Runnable::run).build();
    this.models = Set.copyOf(new TreeSet<>(artifact.factorization().models()));
    BlockingQueue<Runnable> waiting =
        queue == 0 ? new SynchronousQueue<>() : new ArrayBlockingQueue<>(queue);
    this.encoding =
        new ThreadPoolExecutor(
            threads,
            threads,
            1,
            TimeUnit.MINUTES,
            waiting,
            Thread.ofPlatform().daemon().name("encode-", 0).factory());
  }

  /// Compiles the code of a forecast before the first request, with some hundred texts of many
  /// characters and few tokens. Requests meanwhile take turns with them. A remote encoder, which
  /// may charge for each text, gets none.
  public void warmUp() {
    if (!encoder.isRemote()) {
      warmUp(WARM_UP_TEXTS);
    }
  }

  private void warmUp(int left) {
    if (left == 0) {
      return;
    }
    try {
      encoding.execute(() -> {
        if (warm()) {
          warmUp(left - 1);
        }
      });
    } catch (RejectedExecutionException e) {
      // Closing, or busy: what keeps it busy warms it up as well.
      return;
    }
  }

  private boolean warm() {
    try {
      Known known = judged(EASY_TEXT, encoder.encode(List.of(EASY_TEXT)), judge);
      return !known.forecast().models().isEmpty();
    } catch (RuntimeException e) {
      LOG.warn("texts cannot be encoded: " + e.getMessage());
      return false;
    }
  }

  @Override
  public Set<String> models() {
    return models;
  }

  @Override
  public Forecast forecast(String text) {
    Known known = known(text);
    Judge now = judge;
    if (known.learned() == now.learned()) {
      return known.forecast();
    }
    // The vector stays; what is expected has changed since.
    Known fresh = judged(text, known.vector(), now);
    cache.put(text, CompletableFuture.completedFuture(fresh));
    return fresh.forecast();
  }

  @Override
  public Forecast forecast(String text, Map<String, String> attributes) {
    ServedForecaster served = judge.forecaster();
    Attributes known = served.forecaster().attributes().parsed(attributes);
    return known.isEmpty()
        ? forecast(text)
        : served.forecast(text, known(text).vector().row(0), known);
  }

  private static Known judged(String text, FloatMatrix vector, Judge judge) {
    Forecast forecast = judge.forecaster().forecast(text, vector.row(0), Attributes.NONE);
    return new Known(vector, forecast, judge.learned());
  }

  @Override
  public UsageForecast usage(String text) {
    if (usage.isEmpty()) {
      return UsageForecast.UNKNOWN;
    }
    float[] vector = known(text).vector().row(0);
    UsageModel now;
    synchronized (usage.get()) {
      now = usage.get().model();
    }
    return now.forecast(vector);
  }

  @Override
  public void observe(String text, String model, AnswerUsage took) {
    if (usage.isEmpty()) {
      return;
    }
    float[] vector = known(text).vector().row(0);
    OnlineUsage online = usage.get();
    synchronized (online) {
      online.observe(
          vector, model, UsageQuantity.OUTPUT_TOKENS, (double) took.tokens(), took.cutOff());
      online.observe(vector, model, UsageQuantity.SECONDS, took.seconds(), took.cutOff());
      if (!Double.isNaN(took.firstTokenSeconds())) {
        online.observe(
            vector, model, UsageQuantity.FIRST_TOKEN_SECONDS, took.firstTokenSeconds(), false);
      }
    }
  }

  @Override
  public boolean learn(String text, String model, double score) {
    // A score says whether an answer was good, not whether it was better than others.
    if (learning.isEmpty() || quantity == ForecastQuantity.PREFERENCE) {
      return false;
    }
    FloatMatrix vector = known(text).vector();
    synchronized (learning.get()) {
      return judgedBy(learning.get().learn(vector, model, score));
    }
  }

  private boolean judgedBy(Optional<ModelArtifact> after) {
    after.ifPresent(
        artifact -> judge = new Judge(judge.forecaster().with(artifact), judge.learned() + 1));
    return after.isPresent();
  }

  @Override
  public ForecastQuantity quantity() {
    return quantity;
  }

  @Override
  public boolean compare(String text, String better, String worse) {
    if (learning.isEmpty()) {
      return false;
    }
    FloatMatrix vector = known(text).vector();
    synchronized (learning.get()) {
      return judgedBy(learning.get().compare(vector, better, worse));
    }
  }

  private Known known(String text) {
    CompletableFuture<Known> future = cache.getIfPresent(text);
    if (future == null) {
      var fresh = new CompletableFuture<Known>();
      CompletableFuture<Known> other = cache.asMap().putIfAbsent(text, fresh);
      future = other == null ? fresh : other;
      if (other == null) {
        begin(text, fresh);
      }
    }
    return await(future);
  }

  private void begin(String text, CompletableFuture<Known> future) {
    try {
      encoding.execute(() -> {
        try {
          FloatMatrix vector = encoder.encode(List.of(text));
          future.complete(judged(text, vector, judge));
        } catch (RuntimeException | Error e) {
          fail(text, future, e);
        }
      });
    } catch (RejectedExecutionException e) {
      fail(text, future, DecisionException.busy());
    }
  }

  /// A failure is not remembered.
  private void fail(String text, CompletableFuture<Known> future, Throwable failure) {
    cache.asMap().remove(text, future);
    future.completeExceptionally(failure);
  }

  private static <T> T await(CompletableFuture<T> future) {
    try {
      return future.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while a text was encoded", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException(e.getCause());
    }
  }

  @Override
  public List<Neighbor> nearest(String text, int count) {
    if (search.isEmpty() || count < 1) {
      return List.of();
    }
    var key = new Near(text, count);
    List<Neighbor> before = neighbors.getIfPresent(key);
    if (before != null) {
      return before;
    }
    List<Neighbor> found = found(text, count);
    neighbors.put(key, found);
    return found;
  }

  private List<Neighbor> found(String text, int count) {
    CorrectnessMatrix matrix = training.orElseThrow().matrix();
    Neighborhoods found = search.get().nearest(known(text).vector(), count);
    var near = new ArrayList<Neighbor>();
    for (int i = 0; i < found.k(); i++) {
      int question = found.question(0, i);
      Question q = matrix.questions().get(question);
      near.add(
          new Neighbor(
              q.id(), q.benchmark(), q.text(), found.distance(0, i), solved(matrix, question)));
    }
    return List.copyOf(near);
  }

  /// NaN where nobody has answered it.
  private static double solved(CorrectnessMatrix matrix, int question) {
    int cells = matrix.cellCount(question);
    int right = 0;
    for (int cell = matrix.firstCell(question); cell < matrix.firstCell(question) + cells; cell++) {
      right += CorrectnessMatrix.isCorrect(matrix.cellScore(cell)) ? 1 : 0;
    }
    return cells == 0 ? Double.NaN : (double) right / cells;
  }

  @Override
  public Optional<String> bestSingle(Set<String> among) {
    Optional<String> best = Optional.empty();
    double most = -1;
    for (Map.Entry<String, Double> result : results.entrySet()) {
      if (among.contains(result.getKey()) && result.getValue() > most) {
        most = result.getValue();
        best = Optional.of(result.getKey());
      }
    }
    return best;
  }

  /// The share of right answers of each model, NaN without any; in a pool from votes the mean
  /// probability of being preferred.
  private static Map<String, Double> results(ModelArtifact artifact) {
    Map<String, Double> results = new LinkedHashMap<>();
    switch (artifact.quantity()) {
      case CORRECTNESS -> {
        AnswerCounts training = artifact.training();
        for (int i = 0; i < training.models().size(); i++) {
          results.put(training.models().get(i), training.accuracy(i));
        }
      }
      case PREFERENCE ->
          artifact.rates().forEach(known -> results.put(known.model(), known.probability()));
    }
    return results;
  }

  @Override
  public EncoderIdentity encoder() {
    return encoder.identity();
  }

  /// A few texts at a time, so that prompts to be routed take their turns between them.
  @Override
  public FloatMatrix encode(List<String> texts) {
    int q = encoder.identity().dimension();
    float[] vectors = new float[Math.multiplyExact(texts.size(), q)];
    for (int from = 0; from < texts.size(); from += TEXTS_A_TURN) {
      List<String> some = texts.subList(from, Math.min(texts.size(), from + TEXTS_A_TURN));
      float[] part = encodeNow(some).sharedArray();
      System.arraycopy(part, 0, vectors, from * q, some.size() * q);
    }
    return FloatMatrix.wrap(texts.size(), q, vectors);
  }

  private FloatMatrix encodeNow(List<String> texts) {
    Executor executor = encoding;
    try {
      return await(CompletableFuture.supplyAsync(() -> encoder.encode(texts), executor));
    } catch (RejectedExecutionException e) {
      throw DecisionException.busy();
    }
  }

  @Override
  public int tokenCount(String text) {
    return encoder.tokenCount(text);
  }

  /// Waits for the texts of requests. Texts that still wait after ten seconds, or when the calling
  /// code is interrupted, fail.
  @Override
  public void close() {
    encoding.shutdown();
    try {
      encoding.awaitTermination(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    encoder.close();
  }
}
