package org.embedllm.gateway.config;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.embedllm.storage.DidYouMean;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/// A mapping of the configuration file: typed reads that gather problems instead of failing, and
/// know which keys were asked for.
final class Section {
  private final String path;
  private final int line;
  private final Map<String, Node> values = new LinkedHashMap<>();
  private final Map<String, Integer> lines = new LinkedHashMap<>();
  private final List<String> known = new ArrayList<>();
  private final Problems problems;
  private final Environment environment;

  private Section(String path, int line, Problems problems, Environment environment) {
    this.path = path;
    this.line = line;
    this.problems = problems;
    this.environment = environment;
  }

  /// A section with nothing in it, where the file has none.
  static Section empty(String path, int line, Problems problems, Environment environment) {
    return new Section(path, line, problems, environment);
  }

  static Section of(String path, Node node, Problems problems, Environment environment) {
    var section = new Section(path, lineOf(node), problems, environment);
    if (node instanceof MappingNode mapping) {
      for (NodeTuple tuple : mapping.getValue()) {
        section.put(tuple);
      }
    } else if (!isNull(node)) {
      problems.add(lineOf(node), where(path) + "must be a mapping of names to values");
    }
    return section;
  }

  private void put(NodeTuple tuple) {
    if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
      problems.add(lineOf(tuple.getKeyNode()), where(path) + "keys must be plain words");
      return;
    }
    if (values.putIfAbsent(key.getValue(), tuple.getValueNode()) != null) {
      problems.add(
          lineOf(key),
          "%s appears twice, first on line %d"
              .formatted(name(key.getValue()), lines.get(key.getValue())));
      return;
    }
    lines.put(key.getValue(), lineOf(key));
  }

  int line() {
    return line;
  }

  int line(String key) {
    return lines.getOrDefault(key, line);
  }

  /// Its keys, in their order.
  List<String> names() {
    return List.copyOf(values.keySet());
  }

  boolean has(String key) {
    return node(key).isPresent();
  }

  /// Whether it is a single value, not a mapping or a list.
  boolean isScalar(String key) {
    return node(key).filter(node -> node instanceof ScalarNode).isPresent();
  }

  void problem(String key, String text) {
    problems.add(line(key), name(key) + " " + text);
  }

  Optional<String> text(String key) {
    return node(key).flatMap(node -> scalar(key, node));
  }

  String text(String key, String fallback) {
    return text(key).orElse(fallback);
  }

  /// A text that must be there.
  String required(String key, String what) {
    Optional<String> text = text(key);
    if (text.isEmpty() && !has(key)) {
      problems.add(line, name(key) + " is missing: " + what);
    }
    return text.orElse("");
  }

  boolean flag(String key, boolean fallback) {
    return parsed(
        key,
        fallback,
        "must be true or false",
        text ->
            switch (text.toLowerCase(Locale.ROOT)) {
              case "true", "yes", "on" -> Optional.of(true);
              case "false", "no", "off" -> Optional.of(false);
              default -> Optional.empty();
            });
  }

  int integer(String key, int fallback, int least, int most) {
    return parsed(
        key,
        fallback,
        "must be a whole number from %d to %d".formatted(least, most),
        text -> Units.whole(text).filter(n -> n >= least && n <= most).map(Long::intValue));
  }

  double number(String key, double fallback, double least, double most) {
    return parsed(
        key,
        fallback,
        most == Double.MAX_VALUE
            ? "must be a number not less than " + Units.plain(least)
            : "must be a number from %s to %s".formatted(Units.plain(least), Units.plain(most)),
        text -> Units.decimal(text).filter(n -> n >= least && n <= most));
  }

  Duration duration(String key, Duration fallback) {
    return parsed(key, fallback, "must be a time such as 500ms, 30s, 2m, 12h or 30d", Units::time);
  }

  /// A duration that is not zero.
  Duration positive(String key, Duration fallback) {
    Duration value = duration(key, fallback);
    if (value.isZero()) {
      problem(key, "must be longer than nothing");
      return fallback;
    }
    return value;
  }

  long bytes(String key, long fallback, long least, long most) {
    return parsed(
        key,
        fallback,
        "must be a size such as 512KiB or 20MiB, from %s to %s"
            .formatted(Units.plainSize(least), Units.plainSize(most)),
        text -> Units.size(text).filter(n -> n >= least && n <= most));
  }

  <T> T parsed(String key, T fallback, String rule, Function<String, Optional<T>> parser) {
    Optional<String> text = text(key);
    if (text.isEmpty()) {
      return fallback;
    }
    Optional<T> value = parser.apply(text.get().strip());
    if (value.isEmpty()) {
      problem(key, rule + "; got \"" + text.get() + "\"");
    }
    return value.orElse(fallback);
  }

  Section section(String key) {
    return node(key)
        .map(node -> of(path.isEmpty() ? key : path + "." + key, node, problems, environment))
        .orElseGet(
            () -> empty(path.isEmpty() ? key : path + "." + key, line, problems, environment));
  }

  List<Section> sections(String key) {
    var found = new ArrayList<Section>();
    node(key)
        .ifPresent(node -> {
          if (node instanceof SequenceNode list) {
            int i = 0;
            for (Node element : list.getValue()) {
              found.add(of(name(key) + "[" + i++ + "]", element, problems, environment));
            }
          } else {
            problem(key, "must be a list: lines that begin with \"- \"");
          }
        });
    return found;
  }

  List<String> texts(String key) {
    var found = new ArrayList<String>();
    node(key)
        .ifPresent(node -> {
          if (node instanceof SequenceNode list) {
            for (Node element : list.getValue()) {
              scalar(key, element).ifPresent(found::add);
            }
          } else {
            scalar(key, node).ifPresent(found::add);
          }
        });
    return found;
  }

  Map<String, String> textMap(String key) {
    Section inner = section(key);
    var map = new LinkedHashMap<String, String>();
    for (String name : List.copyOf(inner.values.keySet())) {
      inner.text(name).ifPresent(value -> map.put(name, value));
    }
    return map;
  }

  /// Reports keys nobody asked for. To be called last.
  void finish() {
    for (String key : values.keySet()) {
      if (!known.contains(key)) {
        problems.add(
            line(key),
            "there is no %s.%s Known here: %s"
                .formatted(name(key), DidYouMean.hint(key, known), String.join(", ", known)));
      }
    }
  }

  private Optional<Node> node(String key) {
    if (!known.contains(key)) {
      known.add(key);
      DeprecatedNames.of(name(key)).filter(values::containsKey).ifPresent(old -> rename(old, key));
    }
    return Optional.ofNullable(values.get(key)).filter(node -> !isNull(node));
  }

  /// Takes the value of an old name for that of its new one.
  private void rename(String old, String key) {
    if (values.containsKey(key)) {
      problem(old, "is the old name of " + key + ", which is there too: remove one of them");
      known.add(old);
      return;
    }
    problems.warn(line(old), "%s is now called %s".formatted(name(old), key));
    values.put(key, values.remove(old));
    lines.put(key, lines.remove(old));
  }

  private Optional<String> scalar(String key, Node node) {
    if (!(node instanceof ScalarNode scalar)) {
      problem(key, "must be a single value");
      return Optional.empty();
    }
    return environment.expand(name(key), scalar.getValue(), lineOf(node), problems);
  }

  private String name(String key) {
    return path.isEmpty() ? key : path + "." + key;
  }

  private static String where(String path) {
    return path.isEmpty() ? "the file " : path + " ";
  }

  private static boolean isNull(Node node) {
    return node instanceof ScalarNode scalar
        && (scalar.getValue().isEmpty()
            || scalar.getValue().equals("null")
            || scalar.getValue().equals("~"))
        && scalar.isPlain();
  }

  private static int lineOf(Node node) {
    return node.getStartMark().map(mark -> mark.getLine() + 1).orElse(1);
  }
}
