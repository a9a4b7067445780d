package org.embedllm.onnx;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.embedllm.question.EncoderIdentity;
import org.embedllm.storage.BadInputException;
import org.embedllm.storage.JsonTrees;
import org.embedllm.storage.Sha256;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// A model folder with an ONNX file in it, as the sentence-transformers library, the Hugging Face
/// hub, optimum and transformers.js lay it out.
///
/// Read are `modules.json` (a Transformer, a Pooling, Dense modules, and perhaps a Normalize
/// module), `1_Pooling/config.json`, `sentence_bert_config.json` (`max_seq_length`,
/// `do_lower_case`), else `tokenizer_config.json` and `config.json` for the maximum length,
/// `config_sentence_transformers.json` (default prompt), `tokenizer.json` or `vocab.txt`, and
/// `onnx/model.onnx` or `model.onnx`. Files of the transformer may be in a folder of its own, as
/// older versions wrote it. Without `modules.json` the graph gives the vector of a text, or the
/// pooling is named by the user; the vector is normalized.
final class SentenceTransformersFolder {
  private static final long MAX_JSON = 64 << 20;
  private static final int UNKNOWN_LENGTH = 512;

  private static final Map<String, Pooling> POOLINGS =
      Map.of(
          "cls", Pooling.CLS,
          "max", Pooling.MAX,
          "mean", Pooling.MEAN,
          "mean_sqrt_len_tokens", Pooling.MEAN_SQRT_LENGTH,
          "weightedmean", Pooling.WEIGHTED_MEAN,
          "lasttoken", Pooling.LAST);

  private final Path folder;
  private Path transformer; // folder of its files

  private SentenceTransformersFolder(Path folder) {
    this.folder = folder;
    this.transformer = folder;
  }

  /// @param path the folder, or an ONNX file in it or in its `onnx` folder
  /// @param pooling how the user says that tokens become one vector, such as `mean`
  /// @throws BadInputException when something is missing, or the model has a part that is not done
  ///   here
  static SentenceModel read(Path path, Optional<String> pooling) throws IOException {
    // Absolute, so that another command finds it from another folder.
    String name =
        path.toAbsolutePath().normalize() + pooling.map(chosen -> "#" + chosen).orElse("");
    if (Files.isDirectory(path)) {
      return new SentenceTransformersFolder(path).model(name, Optional.empty(), pooling);
    }
    Path parent = path.toAbsolutePath().normalize().getParent();
    if (parent == null || !Files.isRegularFile(path)) {
      throw BadInputException.in(
          path, "is neither a folder with a sentence encoder nor an .onnx file");
    }
    boolean inOnnxFolder = Path.of("onnx").equals(parent.getFileName());
    Path home = inOnnxFolder && parent.getParent() != null ? parent.getParent() : parent;
    return new SentenceTransformersFolder(home).model(name, Optional.of(path), pooling);
  }

  private Path graph() throws IOException {
    for (Path place : List.of(folder, transformer)) {
      for (String usual : List.of("onnx/model.onnx", "model.onnx")) {
        if (Files.isRegularFile(place.resolve(usual))) {
          return place.resolve(usual);
        }
      }
    }
    List<String> others;
    try (Stream<Path> tree = Files.walk(folder, 2)) {
      others =
          tree.filter(file -> file.toString().endsWith(".onnx"))
              .map(file -> folder.relativize(file).toString())
              .sorted()
              .toList();
    }
    throw BadInputException.in(
        folder,
        others.isEmpty()
            ? "has no onnx/model.onnx and no model.onnx; export one, for instance with optimum-cli"
                + " export onnx"
            : "has no onnx/model.onnx and no model.onnx; it has %s: name one of them, such as %s"
                .formatted(String.join(", ", others), folder.resolve(others.getFirst())));
  }

  private SentenceModel model(String name, Optional<Path> named, Optional<String> chosen)
      throws IOException {
    List<Module> modules = modules();
    JsonNode pooling = JsonTrees.object();
    List<DenseLayer> dense = new ArrayList<>();
    List<String> denseDigests = new ArrayList<>();
    boolean normalized = modules.isEmpty();
    for (Module module : modules) {
      Path place = folder.resolve(module.path());
      switch (module.kind()) {
        case "Transformer" -> transformer = place;
        case "Pooling" -> pooling = json(require(module.path() + "/config.json"));
        case "Dense" -> {
          dense.add(DenseLayer.read(place, json(require(module.path() + "/config.json"))));
          denseDigests.add(
              Sha256.of(place.resolve("model.safetensors")) + dense.getLast().activation());
        }
        default -> normalized = true;
      }
    }
    List<Pooling> poolings =
        chosen.isPresent()
            ? List.of(known(POOLINGS, chosen.get()))
            : modules.isEmpty() ? List.of() : poolings(pooling);
    Path weights = named.isPresent() ? named.get() : graph();
    JsonNode config = json(require("config.json"));
    JsonNode sentence = optional("sentence_bert_config.json");
    SentenceModel.ModelFile tokenizer = tokenizer();
    boolean lowerCased = sentence.path("do_lower_case").asBoolean(false);
    int maxTokens = maxTokens(sentence, config);
    String prompt = prompt(pooling);
    String digest =
        Digests.ofEncoder(
            weightsDigest(weights),
            tokenizer instanceof SentenceModel.ModelFile.OnDisk(Path file)
                ? Sha256.of(file)
                : Sha256.of(new String(ModelFiles.bytes(tokenizer), StandardCharsets.UTF_8)),
            maxTokens,
            poolings,
            denseDigests,
            normalized,
            lowerCased,
            prompt);
    return new SentenceModel(
        new EncoderIdentity(name, digest, dimension(config, poolings, dense), maxTokens),
        new SentenceModel.ModelFile.OnDisk(weights),
        tokenizer,
        poolings,
        dense,
        normalized,
        lowerCased,
        prompt);
  }

  /// 0 where the graph makes the vector, which then alone knows.
  private int dimension(JsonNode config, List<Pooling> poolings, List<DenseLayer> dense) {
    if (!dense.isEmpty()) {
      return dense.getLast().dimension();
    }
    int width = config.path("hidden_size").asInt(config.path("dim").asInt(0));
    if (width <= 0 && !poolings.isEmpty()) {
      throw BadInputException.in(folder.resolve("config.json"), "has no hidden_size");
    }
    return width * poolings.size();
  }

  /// `tokenizer.json`, or what `vocab.txt` and `tokenizer_config.json` say.
  private SentenceModel.ModelFile tokenizer() throws IOException {
    Optional<Path> json = find("tokenizer.json");
    if (json.isPresent()) {
      return new SentenceModel.ModelFile.OnDisk(json.get());
    }
    Optional<Path> vocabulary = find("vocab.txt");
    if (vocabulary.isEmpty()) {
      require("tokenizer.json");
    }
    return new SentenceModel.ModelFile.Made(
        VocabularyFile.tokenizer(vocabulary.orElseThrow(), optional("tokenizer_config.json")));
  }

  /// A module of `modules.json`.
  ///
  /// @param kind the last part of its class name
  /// @param path its folder
  private record Module(String kind, String path) {}

  /// The modules in order; none where the folder has no `modules.json`.
  private List<Module> modules() throws IOException {
    Path file = folder.resolve("modules.json");
    if (!Files.isRegularFile(file)) {
      return List.of();
    }
    List<Module> found = new ArrayList<>();
    for (JsonNode module : json(file)) {
      String type = module.path("type").asString("");
      String kind = type.substring(type.lastIndexOf('.') + 1);
      boolean twice = found.stream().anyMatch(other -> other.kind().equals(kind));
      boolean behind = !found.isEmpty() && found.getLast().kind().equals("Normalize");
      if (!List.of("Transformer", "Pooling", "Dense", "Normalize").contains(kind)
          || (twice && !kind.equals("Dense"))
          || behind) {
        throw BadInputException.in(
            file,
            "has the module \"%s\"; done here are one Transformer, one Pooling, Dense modules and one Normalize, in this order"
                .formatted(type));
      }
      found.add(new Module(kind, module.path("path").asString("")));
    }
    List<String> kinds = found.stream().map(Module::kind).toList();
    if (!kinds.contains("Transformer") || !kinds.contains("Pooling")) {
      throw BadInputException.in(file, "must list a Transformer and a Pooling; lists " + kinds);
    }
    return found;
  }

  private List<Pooling> poolings(JsonNode config) {
    Map<String, Pooling> flags =
        Map.of(
            "pooling_mode_cls_token", Pooling.CLS,
            "pooling_mode_max_tokens", Pooling.MAX,
            "pooling_mode_mean_tokens", Pooling.MEAN,
            "pooling_mode_mean_sqrt_len_tokens", Pooling.MEAN_SQRT_LENGTH,
            "pooling_mode_weightedmean_tokens", Pooling.WEIGHTED_MEAN,
            "pooling_mode_lasttoken", Pooling.LAST);
    List<Pooling> chosen = new ArrayList<>();
    for (String key : config.propertyNames()) {
      if (key.startsWith("pooling_mode_") && config.path(key).asBoolean(false)) {
        chosen.add(known(flags, key));
      }
    }
    JsonNode mode = config.path("pooling_mode");
    if (mode.isString()) {
      chosen.add(known(POOLINGS, mode.asString()));
    }
    mode.forEach(element -> chosen.add(known(POOLINGS, element.asString(""))));
    if (chosen.isEmpty()) {
      throw BadInputException.in(folder, "names no pooling in its Pooling module's config.json");
    }
    return chosen.stream().distinct().sorted().toList();
  }

  private Pooling known(Map<String, Pooling> poolings, String name) {
    Pooling pooling = poolings.get(name);
    if (pooling == null) {
      throw BadInputException.in(
          folder, "has the pooling \"%s\"; known are %s".formatted(name, poolings.keySet()));
    }
    return pooling;
  }

  /// `max_seq_length`; else what both the tokenizer and the positions of the graph allow.
  private int maxTokens(JsonNode sentence, JsonNode config) throws IOException {
    int chosen = sentence.path("max_seq_length").asInt(0);
    if (chosen > 0) {
      return chosen;
    }
    double tokenizer = optional("tokenizer_config.json").path("model_max_length").asDouble(0);
    int positions = config.path("max_position_embeddings").asInt(0);
    int limit = Integer.MAX_VALUE;
    if (tokenizer > 0 && tokenizer < 1 << 20) {
      limit = (int) tokenizer;
    }
    if (positions > 0) {
      limit = Math.min(limit, positions);
    }
    return limit == Integer.MAX_VALUE ? UNKNOWN_LENGTH : limit;
  }

  private String prompt(JsonNode pooling) throws IOException {
    JsonNode config = optional("config_sentence_transformers.json");
    String name = config.path("default_prompt_name").asString("");
    String prompt = name.isEmpty() ? "" : config.path("prompts").path(name).asString("");
    if (!prompt.isEmpty() && !pooling.path("include_prompt").asBoolean(true)) {
      throw BadInputException.in(
          folder,
          "leaves its prompt out of the pooling (include_prompt false), which is not done here");
    }
    return prompt;
  }

  /// Of the graph, and of the files beside it in which a large graph keeps its weights.
  private static String weightsDigest(Path weights) throws IOException {
    String digest = Sha256.of(weights);
    Path parent = weights.toAbsolutePath().getParent();
    String name = String.valueOf(weights.getFileName());
    List<Path> beside;
    try (Stream<Path> files = Files.list(parent == null ? Path.of("") : parent)) {
      beside =
          files
              .filter(f ->
                  String.valueOf(f.getFileName()).matches("\\Q" + name + "\\E[._]data([._]\\d+)?"))
              .sorted()
              .toList();
    }
    for (Path data : beside) {
      digest = Sha256.of(digest + Sha256.of(data));
    }
    return digest;
  }

  /// A file of the transformer's own folder, else of the model's.
  private Optional<Path> find(String name) {
    return Stream.of(transformer, folder)
        .map(place -> place.resolve(name))
        .filter(Files::isRegularFile)
        .findFirst();
  }

  private Path require(String name) {
    return find(name)
        .orElseThrow(() ->
            BadInputException.in(
                folder,
                ("has no %s; a folder of an encoder has config.json, tokenizer.json or vocab.txt,"
                        + " and onnx/model.onnx, and of sentence-transformers modules.json and"
                        + " 1_Pooling/config.json")
                    .formatted(name)));
  }

  private JsonNode optional(String name) throws IOException {
    Optional<Path> file = find(name);
    return file.isPresent() ? json(file.get()) : JsonTrees.object();
  }

  private static JsonNode json(Path file) throws IOException {
    long size = Files.size(file);
    if (size > MAX_JSON) {
      throw BadInputException.in(
          file, "has %d bytes; too large for a configuration".formatted(size));
    }
    try {
      return JsonTrees.read(Files.readAllBytes(file));
    } catch (JacksonException e) {
      throw BadInputException.in(
          file, "is no JSON: " + e.getOriginalMessage().toLowerCase(Locale.ROOT), e);
    }
  }
}
