package org.embedllm.question;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.embedllm.correctness.AttributeValue;
import org.embedllm.correctness.Attributes;
import org.embedllm.correctness.Question;
import org.embedllm.tensor.FloatMatrix;

/// How attributes of questions become columns beside their vectors. Immutable.
///
/// A text attribute has a column for each frequent value, 1 where the question has that value. A
/// numeric attribute has a column for each knot; a value between two knots shares a weight of 1
/// between them (linear interpolation), a value beyond the outermost knots counts as these. So the
/// columns of a known attribute sum to 1, and those of an unknown one are 0. A value that training
/// never saw, or hardly, counts as unknown.
public final class AttributeEncoding {
  /// The name under which a question's benchmark is an attribute.
  public static final String BENCHMARK = "benchmark";

  /// No attribute.
  public static final AttributeEncoding NONE = new AttributeEncoding(List.of());

  private static final int MOST_COLUMNS = 128;
  private static final int LEAST_QUESTIONS = 5;
  private static final int KNOTS = 6;

  private final List<Coding> codings;
  private final int columns;
  private final int[] attributeOf; // [p]

  private AttributeEncoding(List<Coding> codings) {
    this.codings = List.copyOf(codings);
    this.columns = codings.stream().mapToInt(Coding::columns).sum();
    this.attributeOf = new int[columns];
    int at = 0;
    for (int a = 0; a < codings.size(); a++) {
      Arrays.fill(attributeOf, at, at + codings.get(a).columns(), a);
      at += codings.get(a).columns();
    }
  }

  /// How one attribute becomes columns.
  public sealed interface Coding permits TextCoding, NumberCoding {
    /// The attribute's name.
    String name();

    /// Number of columns, at least 2.
    int columns();
  }

  /// A text attribute.
  ///
  /// @param values one column each, the most frequent first
  public record TextCoding(String name, List<String> values) implements Coding {
    public TextCoding {
      values = List.copyOf(values);
      if (values.size() < 2 || Set.copyOf(values).size() < values.size()) {
        throw new IllegalArgumentException("attribute %s has values %s".formatted(name, values));
      }
    }

    @Override
    public int columns() {
      return values.size();
    }
  }

  /// A numeric attribute.
  ///
  /// @param knots one column each, strictly ascending
  public record NumberCoding(String name, List<Double> knots) implements Coding {
    public NumberCoding {
      knots = List.copyOf(knots);
      for (int k = 1; k < knots.size(); k++) {
        if (!(knots.get(k) > knots.get(k - 1))) {
          throw new IllegalArgumentException("knots of %s must ascend: %s".formatted(name, knots));
        }
      }
      if (knots.size() < 2) {
        throw new IllegalArgumentException("attribute %s has knots %s".formatted(name, knots));
      }
    }

    @Override
    public int columns() {
      return knots.size();
    }
  }

  /// As it was kept.
  ///
  /// @throws IllegalArgumentException when a name comes twice
  public static AttributeEncoding of(List<Coding> codings) {
    Set<String> names = new HashSet<>();
    for (Coding coding : codings) {
      if (!names.add(coding.name())) {
        throw new IllegalArgumentException("attribute " + coding.name() + " comes twice");
      }
    }
    return new AttributeEncoding(codings);
  }

  /// What is known of a question: its attributes, and its benchmark where it has one.
  public static Attributes known(Question question) {
    Map<String, AttributeValue> all = new TreeMap<>();
    if (!question.benchmark().equals(Question.NO_BENCHMARK)) {
      all.put(BENCHMARK, new AttributeValue.Text(question.benchmark()));
    }
    for (String name : question.attributes().names()) {
      question.attributes().get(name).ifPresent(value -> all.put(name, value));
    }
    return Attributes.of(all);
  }

  /// The encoding of the attributes that training questions have. An attribute with fewer than two
  /// frequent values says nothing and is left out; of all values at most 128 are kept, the most
  /// frequent ones.
  public static AttributeEncoding fit(List<Question> questions) {
    List<Attributes> known = questions.stream().map(AttributeEncoding::known).toList();
    Set<String> names = new TreeSet<>();
    known.forEach(attributes -> names.addAll(attributes.names()));
    List<Coding> codings = new ArrayList<>();
    int left = MOST_COLUMNS;
    for (String name : names) {
      List<AttributeValue> values =
          known.stream().flatMap(attributes -> attributes.get(name).stream()).toList();
      Optional<Coding> coding =
          values.stream().allMatch(AttributeValue.Numeric.class::isInstance)
              ? numbers(name, values, left)
              : texts(name, values, left);
      coding.ifPresent(codings::add);
      left -= coding.map(Coding::columns).orElse(0);
    }
    return new AttributeEncoding(codings);
  }

  private static Optional<Coding> texts(String name, List<AttributeValue> values, int most) {
    Map<String, Integer> counts = new HashMap<>();
    values.forEach(value -> counts.merge(value.toString(), 1, Integer::sum));
    List<String> frequent =
        counts.entrySet().stream()
            .filter(entry -> entry.getValue() >= LEAST_QUESTIONS)
            .sorted(
                Comparator.comparingInt((Map.Entry<String, Integer> entry) -> -entry.getValue())
                    .thenComparing(Map.Entry::getKey))
            .limit(most)
            .map(Map.Entry::getKey)
            .toList();
    return frequent.size() < 2 ? Optional.empty() : Optional.of(new TextCoding(name, frequent));
  }

  private static Optional<Coding> numbers(String name, List<AttributeValue> values, int most) {
    double[] sorted =
        values.stream()
            .mapToDouble(value -> value instanceof AttributeValue.Numeric n ? n.value() : 0)
            .sorted()
            .toArray();
    TreeSet<Double> knots = new TreeSet<>();
    int count = sorted.length < LEAST_QUESTIONS ? 0 : Math.min(KNOTS, most);
    for (int k = 0; k < count && count > 1; k++) {
      knots.add(sorted[(int) Math.round((double) k * (sorted.length - 1) / (count - 1))]);
    }
    return knots.size() < 2
        ? Optional.empty()
        : Optional.of(new NumberCoding(name, List.copyOf(knots)));
  }

  /// The attributes, in the order of their columns.
  public List<Coding> codings() {
    return codings;
  }

  /// Names of the attributes that count, in the order of their columns.
  public List<String> names() {
    return codings.stream().map(Coding::name).toList();
  }

  /// p, the number of columns.
  public int columns() {
    return columns;
  }

  /// Index of the attribute that a column belongs to.
  public int attributeOf(int column) {
    return attributeOf[column];
  }

  /// Attributes as people write them; what is no attribute here, or no number where one is needed,
  /// is left out.
  ///
  /// @param written values by name
  public Attributes parsed(Map<String, String> written) {
    Map<String, AttributeValue> values = new TreeMap<>();
    for (Coding coding : codings) {
      String value = written.get(coding.name());
      if (value != null) {
        parsed(coding, value.strip()).ifPresent(v -> values.put(coding.name(), v));
      }
    }
    return Attributes.of(values);
  }

  private static Optional<AttributeValue> parsed(Coding coding, String value) {
    if (coding instanceof TextCoding) {
      return Optional.of(new AttributeValue.Text(value));
    }
    try {
      double number = Double.parseDouble(value);
      return Double.isFinite(number)
          ? Optional.of(new AttributeValue.Numeric(number))
          : Optional.empty();
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  /// The columns of what is known.
  ///
  /// @return `[p]`
  public float[] encode(Attributes known) {
    float[] row = new float[columns];
    int at = 0;
    for (Coding coding : codings) {
      int from = at;
      known.get(coding.name()).ifPresent(value -> write(coding, value, row, from));
      at += coding.columns();
    }
    return row;
  }

  private static void write(Coding coding, AttributeValue value, float[] row, int from) {
    if (coding instanceof TextCoding texts) {
      int at = texts.values().indexOf(value.toString());
      if (at >= 0) {
        row[from + at] = 1;
      }
    } else if (coding instanceof NumberCoding numbers
        && value instanceof AttributeValue.Numeric number) {
      List<Double> knots = numbers.knots();
      double x = Math.clamp(number.value(), knots.getFirst(), knots.getLast());
      int above = 1;
      while (x > knots.get(above)) {
        above++;
      }
      double low = knots.get(above - 1);
      double share = (x - low) / (knots.get(above) - low);
      row[from + above - 1] = (float) (1 - share);
      row[from + above] = (float) share;
    }
  }

  /// The columns of many questions.
  ///
  /// @return [n, p]
  public FloatMatrix encode(List<Question> questions) {
    float[] values = new float[Math.multiplyExact(questions.size(), columns)];
    for (int j = 0; j < questions.size(); j++) {
      System.arraycopy(encode(known(questions.get(j))), 0, values, j * columns, columns);
    }
    return FloatMatrix.wrap(questions.size(), columns, values);
  }

  /// A vector with the columns of what is known behind it.
  ///
  /// @param vector `[q]`
  /// @return [q + p]
  public float[] beside(float[] vector, Attributes known) {
    float[] both = Arrays.copyOf(vector, vector.length + columns);
    System.arraycopy(encode(known), 0, both, vector.length, columns);
    return both;
  }

  /// Vectors with the columns of what is known of their questions behind them.
  ///
  /// @param vectors [n, q], in the order of the questions
  /// @return [n, q + p]
  public FloatMatrix beside(FloatMatrix vectors, List<Question> questions) {
    int q = vectors.columns();
    int width = q + columns;
    float[] both = new float[Math.multiplyExact(vectors.rows(), width)];
    FloatMatrix encoded = encode(questions);
    for (int j = 0; j < vectors.rows(); j++) {
      System.arraycopy(vectors.sharedArray(), j * q, both, j * width, q);
      System.arraycopy(encoded.sharedArray(), j * columns, both, j * width + q, columns);
    }
    return FloatMatrix.wrap(vectors.rows(), width, both);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof AttributeEncoding that && codings.equals(that.codings);
  }

  @Override
  public int hashCode() {
    return codings.hashCode();
  }
}
