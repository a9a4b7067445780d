package org.embedllm.kernel;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.IntStream;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.factorization.FeatureMap;
import org.embedllm.factorization.NestedKernels;
import org.embedllm.factorization.SurfaceFamiliarity;
import org.embedllm.factorization.TrainingProblem;
import org.embedllm.linalg.Workers;
import org.embedllm.question.AttributeEncoding;
import org.embedllm.question.TextFeatureVectors;
import org.embedllm.tensor.FloatMatrix;

/// What is known of a question before it is answered, as inputs of the models' vectors: forecasts
/// of the components of its answers by one or two kernels, and what its attributes say beyond them.
///
/// The second kernel and the attributes take vectors with text features ([NestedKernels], whose
/// letters are used here); other vectors have one kernel.
final class QuestionSources {
  private static final int BLOCK = 256;
  private static final int CONTENT_LANDMARKS = 1_024;
  private static final double GOLDEN = 0.6180339887498949;
  // A component of no spread would be divided by nothing; this leaves it negligible.
  private static final double LEAST_SPREAD = 1e-3;

  private final int n;
  private final int[] components; // those of all D that text tells, [d]
  private final TextFeatureVectors.Columns columns;
  private final KernelSource surface;
  private final Optional<KernelSource> content;
  private final double contentShare;
  private final double[] scales; // [D]
  private final FloatMatrix attributeInputs; // [n, p']
  private final FloatMatrix attributeWeights; // [p', p]
  private final FeatureMap features;

  private QuestionSources(
      TrainingProblem problem,
      FloatMatrix vectors,
      AnswerComponents answers,
      AttributeEncoding attributes,
      KernelOptions options,
      PhaseClock clock,
      Workers workers) {
    this.n = vectors.rows();
    int all = answers.count();
    this.columns = TextFeatureVectors.columns(problem.encoder());
    AttributeColumns known = AttributeColumns.of(attributes, problem.train().questions());
    int p = known.count();
    RidgeTargets targets = (j, k) -> k < all ? answers.score(j, k) : known.target(j, k - all);
    if (columns.content() == 0) {
      this.contentShare = 0;
      this.surface =
          KernelSource.of(vectors, columns.surface(), targets, all, options, clock, workers);
      this.content = Optional.empty();
    } else {
      this.contentShare = options.contentShare();
      this.surface =
          KernelSource.of(
              NestedKernels.surfaceVectors(columns, vectors),
              columns.surface(),
              targets,
              all + p,
              options,
              clock,
              workers);
      this.content =
          Optional.of(
              KernelSource.of(
                  NestedKernels.contentVectors(columns, vectors),
                  columns.content(),
                  targets,
                  all + p,
                  options.withLandmarks(Math.min(CONTENT_LANDMARKS, options.landmarks())),
                  clock,
                  workers));
    }
    this.components = IntStream.range(0, all).filter(this::told).toArray();
    this.scales = Arrays.stream(components).mapToDouble(c -> spread(c) + LEAST_SPREAD).toArray();
    double[] beyond = new double[n * p];
    for (int j = 0; j < n; j++) {
      for (int c = 0; c < p; c++) {
        beyond[j * p + c] =
            known.known(j, c) && used(j, options.attributesKnown())
                ? known.target(j, c) - leftOut(j, all + c)
                : 0;
      }
    }
    AttributeEffects effects =
        AttributeEffects.of(beyond, p, (j, c) -> answers.score(j, c) - leftOut(j, c), n, all);
    this.attributeInputs = effects.inputs();
    this.attributeWeights = effects.weights();
    this.features =
        content.isEmpty()
            ? surface.landmarks().features()
            : new NestedKernels(
                columns,
                surface.landmarks().features(),
                content.get().landmarks().features(),
                familiarity(vectors, options, workers),
                contentShare,
                attributes,
                expected(p, all, content.get()));
  }

  private boolean told(int target) {
    return surface.tells(target) || content.map(second -> second.tells(target)).orElse(false);
  }

  /// Fits kernels to the components of the training answers.
  static QuestionSources of(
      TrainingProblem problem,
      AnswerComponents answers,
      KernelOptions options,
      PhaseClock clock,
      Workers workers) {
    boolean nested = TextFeatureVectors.columns(problem.encoder()).content() > 0;
    AttributeEncoding attributes =
        nested && options.attributesKnown() > 0
            ? AttributeEncoding.fit(problem.train().questions())
            : AttributeEncoding.NONE;
    return new QuestionSources(
        problem, problem.features(), answers, attributes, options, clock, workers);
  }

  /// Whether a question's attributes are taken as known, so that a share of all are, evenly spread.
  private static boolean used(int question, double share) {
    double position = question * GOLDEN;
    return position - Math.floor(position) < share;
  }

  /// What both kernels together forecast without the question itself.
  private double leftOut(int question, int target) {
    return content
        .map(second ->
            (1 - contentShare) * surface.leftOut(question, target)
                + contentShare * second.leftOut(question, target))
        .orElseGet(() -> surface.leftOut(question, target));
  }

  /// Standard deviation of a component's leave-one-out predictions.
  private double spread(int component) {
    double mean = 0;
    double square = 0;
    for (int j = 0; j < n; j++) {
      double value = leftOut(j, component);
      mean += value / n;
      square += value * value / n;
    }
    return Math.sqrt(Math.max(0, square - mean * mean));
  }

  private SurfaceFamiliarity familiarity(
      FloatMatrix vectors, KernelOptions options, Workers workers) {
    return SurfacePrototypes.of(
        vectors, columns.sentence(), columns.surface(), options.seed(), workers);
  }

  /// Π, [p, r₁ + r₂ + 2].
  private FloatMatrix expected(int p, int first, KernelSource second) {
    int r1 = surface.count();
    int r2 = second.count();
    int width = r1 + r2 + 2;
    float[] values = new float[Math.multiplyExact(p, width)];
    for (int c = 0; c < p; c++) {
      write(first + c, 1, second, values, c * width);
      values[c * width + r1 + r2 + 1] = (float) second.intercept(first + c);
    }
    return FloatMatrix.wrap(p, width, values);
  }

  /// Weights of (ρ k₁, (1 − ρ) k₂, ρ) for a target.
  private void write(int target, double scale, KernelSource second, float[] into, int at) {
    int r1 = surface.count();
    int r2 = second.count();
    for (int i = 0; i < r1; i++) {
      into[at + i] = (float) (surface.weight(target, i) / scale);
    }
    for (int i = 0; i < r2; i++) {
      into[at + r1 + i] = (float) (second.weight(target, i) / scale);
    }
    into[at + r1 + r2] = (float) ((surface.intercept(target) - second.intercept(target)) / scale);
  }

  /// The number of components that text tells.
  int components() {
    return components.length;
  }

  /// λ of a component.
  double ridge(int component) {
    return surface.ridge(components[component]);
  }

  /// Share of a component's variance that leave-one-out predictions by the first kernel explain.
  double explained(int component) {
    return surface.explained(components[component]);
  }

  /// The kernel of sentence and surface, or the only one.
  KernelSource surface() {
    return surface;
  }

  /// The kernel of sentence and content.
  Optional<KernelSource> content() {
    return content;
  }

  TextFeatureVectors.Columns columns() {
    return columns;
  }

  FeatureMap features() {
    return features;
  }

  /// Length of an input with the first d components: the constant, these, and the attributes.
  int width(int d) {
    return 1 + d + attributeInputs.columns();
  }

  /// Inputs of the training questions, forecast without their own answers, with the first d
  /// components, [n, 1 + d + p'].
  FloatMatrix inputs(int d) {
    int k = width(d);
    float[] inputs = new float[Math.multiplyExact(n, k)];
    for (int j = 0; j < n; j++) {
      inputs[j * k] = 1;
      for (int c = 0; c < d; c++) {
        inputs[j * k + 1 + c] = (float) (leftOut(j, components[c]) / scales[c]);
      }
      for (int c = 0; c < attributeInputs.columns(); c++) {
        inputs[j * k + 1 + d + c] = attributeInputs.get(j, c);
      }
    }
    return FloatMatrix.wrap(n, k, inputs);
  }

  /// Inputs of further questions, with the first d components, [rows, 1 + d + p'].
  ///
  /// @param matrix whose questions they are
  /// @param vectors of these, [rows, q]
  /// @param known share of questions whose attributes are taken as known
  FloatMatrix inputs(
      CorrectnessMatrix matrix, FloatMatrix vectors, int d, double known, Workers workers) {
    FloatMatrix beside = withAttributes(matrix, vectors, known);
    FloatMatrix projection = projection(d);
    FloatMatrix bias = bias(d);
    int n = beside.rows();
    int k = width(d);
    int r = features.outputDimension();
    float[] weights = new float[Math.multiplyExact(r, k)]; // of a feature side by side
    for (int c = 0; c < k; c++) {
      for (int i = 0; i < r; i++) {
        weights[i * k + c] = projection.get(c, i);
      }
    }
    float[] inputs = new float[Math.multiplyExact(n, k)];
    workers.run(
        Math.ceilDiv(n, BLOCK),
        block -> {
          int from = block * BLOCK;
          int rows = Math.min(BLOCK, n - from);
          float[] mapped = map(beside, from, rows);
          double[] sums = new double[k];
          for (int j = 0; j < rows; j++) {
            for (int c = 0; c < k; c++) {
              sums[c] = bias.get(0, c);
            }
            for (int i = 0; i < r; i++) {
              addProducts(mapped[j * r + i], weights, i * k, sums);
            }
            for (int c = 0; c < k; c++) {
              inputs[(from + j) * k + c] = (float) sums[c];
            }
          }
        });
    return FloatMatrix.wrap(n, k, inputs);
  }

  /// Products in float, summed in double; the compiler makes vectors of it.
  private static void addProducts(float factor, float[] x, int from, double[] sums) {
    for (int c = 0; c < sums.length; c++) {
      sums[c] += x[from + c] * factor;
    }
  }

  private float[] map(FloatMatrix vectors, int from, int rows) {
    return features instanceof NestedKernels nested
        ? nested.map(vectors, from, rows)
        : surface.landmarks().features().map(vectors, from, rows);
  }

  /// Of inputs with more components those with the first d of them, [rows, 1 + d + p'].
  FloatMatrix withFirst(int d, FloatMatrix inputs) {
    int k = width(d);
    int wide = inputs.columns();
    float[] all = inputs.sharedArray();
    float[] first = new float[Math.multiplyExact(inputs.rows(), k)];
    for (int j = 0; j < inputs.rows(); j++) {
      System.arraycopy(all, j * wide, first, j * k, 1 + d);
      System.arraycopy(
          all, (j + 1) * wide - (k - 1 - d), first, j * k + 1 + d, k - 1 - d); // attributes
    }
    return FloatMatrix.wrap(inputs.rows(), k, first);
  }

  /// Vectors with the questions' attributes behind, where these are taken as known.
  private FloatMatrix withAttributes(CorrectnessMatrix matrix, FloatMatrix vectors, double known) {
    if (!(features instanceof NestedKernels nested)) {
      return vectors;
    }
    FloatMatrix all = nested.attributes().beside(vectors, matrix.questions());
    float[] values = all.toArray();
    for (int j = 0; j < all.rows(); j++) {
      if (!used(j, known)) {
        int from = j * all.columns();
        Arrays.fill(values, from + vectors.columns(), from + all.columns(), 0);
      }
    }
    return FloatMatrix.wrap(all.rows(), all.columns(), values);
  }

  /// W, [1 + d + p', r]: an input is `W f + b`.
  FloatMatrix projection(int d) {
    int k = width(d);
    int r = features.outputDimension();
    float[] values = new float[Math.multiplyExact(k, r)];
    for (int c = 0; c < d; c++) {
      int at = (c + 1) * r;
      if (content.isPresent()) {
        write(components[c], scales[c], content.get(), values, at);
      } else {
        for (int i = 0; i < r; i++) {
          values[at + i] = (float) (surface.weight(components[c], i) / scales[c]);
        }
      }
    }
    int p = attributeWeights.columns();
    for (int c = 0; c < attributeWeights.rows(); c++) {
      for (int i = 0; i < p; i++) {
        values[(1 + d + c) * r + r - p + i] = attributeWeights.get(c, i);
      }
    }
    return FloatMatrix.wrap(k, r, values);
  }

  /// b, [1, 1 + d + p'].
  FloatMatrix bias(int d) {
    float[] bias = new float[width(d)];
    bias[0] = 1;
    for (int c = 0; c < d; c++) {
      bias[c + 1] = (float) (content.orElse(surface).intercept(components[c]) / scales[c]);
    }
    return FloatMatrix.wrap(1, bias.length, bias);
  }

  /// Prior variances of the coordinates of an input by one of the kernels, [1, 1 + d + p'].
  FloatMatrix variances(KernelSource source, int d) {
    float[] variances = new float[width(d)];
    for (int c = 0; c < d; c++) {
      variances[c + 1] = (float) (source.variance(components[c]) / (scales[c] * scales[c]));
    }
    return FloatMatrix.wrap(1, variances.length, variances);
  }
}
