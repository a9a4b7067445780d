package org.embedllm.onnx;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;
import org.embedllm.question.EncodedTexts;
import org.embedllm.question.EncoderIdentity;
import org.embedllm.question.QuestionEncoder;
import org.embedllm.storage.BadInputException;
import org.embedllm.tensor.FloatMatrix;

/// A sentence encoder on ONNX Runtime.
///
/// It starts loading on creation, tokenizer and graph in parallel, and the first text waits for
/// them. Texts are distributed over threads, longest first, each text alone through the graph: its
/// vector depends neither on the other texts nor on the number of threads.
final class OnnxSentenceEncoder implements QuestionEncoder {
  private static final float SMALLEST_NORM = 1e-12f;

  private final SentenceModel model;
  private final int threads;
  private final ExecutorService workers;
  private EncoderIdentity identity; // guarded by this
  private final Future<TextTokenizer> tokenizer;
  private final Future<TokenGraph> graph;

  /// Read by who encodes, written by who closes: native code must not lose what it works with.
  private final ReadWriteLock use = new ReentrantReadWriteLock();

  private boolean closed; // guarded by use

  OnnxSentenceEncoder(SentenceModel model, EncoderSettings settings) {
    this.model = model;
    this.identity = model.identity();
    this.threads = settings.threads();
    this.workers =
        Executors.newFixedThreadPool(
            Math.max(2, threads), Thread.ofPlatform().daemon().name("encoder-", 0).factory());
    this.tokenizer = workers.submit(() -> loadTokenizer(settings.cache()));
    this.graph = workers.submit(() -> loadGraph(settings.cache()));
  }

  /// In Java where the tokenizer is WordPiece; the native library then loads for rare characters
  /// only.
  private TextTokenizer loadTokenizer(Path cache) throws IOException {
    Optional<Path> pieces =
        model.tokenizer() instanceof SentenceModel.ModelFile.InJar jar
            ? Optional.of(cache.resolve("encoders").resolve(jar.name() + ".pieces"))
            : Optional.empty();
    Optional<WordPieceVocabulary> vocabulary = pieces.flatMap(PieceFile::read);
    if (vocabulary.isEmpty()) {
      byte[] json = ModelFiles.bytes(model.tokenizer());
      vocabulary = WordPieceVocabulary.read(json);
      if (vocabulary.isEmpty()) {
        return HuggingFaceTextTokenizer.of(json, cache);
      }
      if (pieces.isPresent()) {
        PieceFile.write(pieces.get(), vocabulary.get());
      }
    }
    return new WordPieceTokenizer(
        vocabulary.get(), new LazyTokenizer(() -> nativeTokenizer(cache)));
  }

  private TextTokenizer nativeTokenizer(Path cache) {
    try {
      return HuggingFaceTextTokenizer.of(ModelFiles.bytes(model.tokenizer()), cache);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private TokenGraph loadGraph(Path cache) throws IOException {
    OrtEnvironment environment = NativeLibraries.runtime(cache);
    try (OrtSession.SessionOptions options = TokenGraph.options()) {
      OrtSession session =
          switch (model.weights()) {
            case SentenceModel.ModelFile.OnDisk(Path path) ->
                environment.createSession(path.toString(), options);
            case SentenceModel.ModelFile.Made made ->
                environment.createSession(ModelFiles.bytes(made), options);
            case SentenceModel.ModelFile.InJar jar -> {
              Optional<OrtSession> optimized =
                  OptimizedGraph.open(jar, cache, environment, options);
              yield optimized.isPresent()
                  ? optimized.get()
                  : environment.createSession(ModelFiles.bytes(jar), options);
            }
          };
      return TokenGraph.of(
          environment, session, model.identity().name(), model.poolings().isEmpty());
    } catch (OrtException e) {
      throw BadInputException.of(
          "%s: ONNX Runtime cannot load this graph: %s"
              .formatted(
                  model.weights() instanceof SentenceModel.ModelFile.OnDisk(Path path)
                      ? path.toString()
                      : model.identity().name(),
                  e.getMessage()));
    }
  }

  @Override
  public synchronized EncoderIdentity identity() {
    if (identity.dimension() == 0) {
      // Only the graph knows.
      EncoderIdentity named = model.identity();
      int dimension = vector(tokenize("a")).length;
      identity = new EncoderIdentity(named.name(), named.digest(), dimension, named.maxTokens());
    }
    return identity;
  }

  @Override
  public FloatMatrix encode(List<String> texts) {
    return encodeAndCount(texts).vectors();
  }

  @Override
  public EncodedTexts encodeAndCount(List<String> texts) {
    int n = texts.size();
    int q = identity().dimension();
    Tokens[] tokens = new Tokens[n];
    inParallel(n, i -> tokens[i] = tokenize(texts.get(i)));
    Integer[] order = new Integer[n];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, (x, y) -> Integer.compare(tokens[y].length(), tokens[x].length()));
    float[] vectors = new float[Math.multiplyExact(n, q)]; // [n, q]
    inParallel(
        n,
        i -> {
          float[] vector = vector(tokens[order[i]]);
          if (vector.length != q) {
            throw BadInputException.of(
                "encoder %s gives vectors of dimension %d where its configuration says %d"
                    .formatted(model.identity().name(), vector.length, q));
          }
          System.arraycopy(vector, 0, vectors, order[i] * q, q);
        });
    return new EncodedTexts(
        FloatMatrix.wrap(n, q, vectors), Arrays.stream(tokens).map(Tokens::uncut).toList());
  }

  @Override
  public int tokenCount(String text) {
    return tokenize(text).uncut();
  }

  private Tokens tokenize(String text) {
    String read = model.prompt() + text;
    int max = model.identity().maxTokens();
    return whileOpen(() ->
        loaded(tokenizer)
            .tokenize(
                model.lowerCased() ? read.toLowerCase(Locale.ROOT) : read,
                max > 0 ? max : Integer.MAX_VALUE));
  }

  /// @throws IllegalStateException where the encoder is closed
  private <T> T whileOpen(Supplier<T> task) {
    use.readLock().lock();
    try {
      if (closed) {
        throw new IllegalStateException("encoder %s is closed".formatted(model.identity().name()));
      }
      return task.get();
    } finally {
      use.readLock().unlock();
    }
  }

  private float[] vector(Tokens tokens) {
    TokenGraph runnable = loaded(graph);
    TokenGraph.Hidden hidden = whileOpen(() -> hidden(runnable, tokens));
    float[] vector = runnable.pooled() ? hidden.values().clone() : pooled(hidden);
    for (DenseLayer layer : model.dense()) {
      if (vector.length != layer.weights().columns()) {
        throw BadInputException.of(
            "encoder %s has a Dense module for %d values behind a vector of %d"
                .formatted(model.identity().name(), layer.weights().columns(), vector.length));
      }
      vector = layer.apply(vector);
    }
    if (model.normalized()) {
      normalize(vector);
    }
    return vector;
  }

  private TokenGraph.Hidden hidden(TokenGraph runnable, Tokens tokens) {
    try {
      return runnable.run(tokens);
    } catch (OrtException e) {
      throw new IllegalStateException(
          "ONNX Runtime failed on a text of %d tokens with encoder %s"
              .formatted(tokens.length(), model.identity().name()),
          e);
    }
  }

  private float[] pooled(TokenGraph.Hidden hidden) {
    int width = hidden.width();
    float[] vector = new float[width * model.poolings().size()];
    for (int k = 0; k < model.poolings().size(); k++) {
      model.poolings().get(k).pool(hidden.values(), hidden.length(), width, vector, k * width);
    }
    return vector;
  }

  private static void normalize(float[] values) {
    double square = 0;
    for (float value : values) {
      square += (double) value * value;
    }
    double norm = Math.max(Math.sqrt(square), SMALLEST_NORM);
    for (int k = 0; k < values.length; k++) {
      values[k] = (float) (values[k] / norm);
    }
  }

  private interface Work {
    void item(int index);
  }

  /// Does items 0 to n − 1, each once, on all threads; a single one on the caller's.
  private void inParallel(int n, Work work) {
    if (n <= 1 || threads == 1) {
      for (int i = 0; i < n; i++) {
        work.item(i);
      }
      return;
    }
    AtomicInteger next = new AtomicInteger();
    Callable<Boolean> worker =
        () -> {
          for (int i = next.getAndIncrement(); i < n; i = next.getAndIncrement()) {
            work.item(i);
          }
          return true;
        };
    List<Callable<Boolean>> all = new ArrayList<>();
    for (int t = 0; t < Math.min(threads, n); t++) {
      all.add(worker);
    }
    try {
      for (Future<Boolean> done : workers.invokeAll(all)) {
        loaded(done);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("encoding was interrupted", e);
    }
  }

  /// The result of a task, and its error as the task threw it.
  private static <T> T loaded(Future<T> task) {
    try {
      return task.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("encoding was interrupted", e);
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case RuntimeException unchecked -> throw unchecked;
        case Error error -> throw error;
        case IOException io -> throw new UncheckedIOException(io);
        case null, default -> throw new IllegalStateException(e);
      }
    }
  }

  /// Waits for the texts that are being encoded.
  @Override
  public void close() {
    workers.shutdown();
    use.writeLock().lock();
    try {
      if (!closed) {
        closed = true;
        closeIfLoaded(graph);
        closeIfLoaded(tokenizer);
      }
    } finally {
      use.writeLock().unlock();
    }
  }

  private static void closeIfLoaded(Future<? extends AutoCloseable> part) {
    try {
      part.get().close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Exception e) {
      // It never loaded: its users got the error, and there is nothing to close.
      return;
    }
  }
}
