package org.embedllm.onnx;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.embedllm.question.EncoderIdentity;
import org.embedllm.storage.BadInputException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A model folder as the sentence-transformers library and the Hugging Face hub lay it out, with an
/// ONNX file in it.
///
/// Read are `modules.json` (a Transformer, a Pooling, and perhaps a Normalize module),
/// `1_Pooling/config.json`, `sentence_bert_config.json` (`max_seq_length`, `do_lower_case`), else
/// `tokenizer_config.json` and `config.json` for the maximum length,
/// `config_sentence_transformers.json` (default prompt), `tokenizer.json`, and `onnx/model.onnx` or
/// `model.onnx`.
final class SentenceTransformersFolder {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final long MAX_JSON = 64 << 20;
  private static final int UNKNOWN_LENGTH = 512;

  private final Path folder;

  private SentenceTransformersFolder(Path folder) {
    this.folder = folder;
  }

  /// @param path the folder, or an ONNX file in it or in its `onnx` folder
  /// @throws BadInputException when something is missing, or the model has an unsupported part
  static SentenceModel read(Path path) throws IOException {
    if (Files.isDirectory(path)) {
      return new SentenceTransformersFolder(path).model(name(path));
    }
    Path parent = path.toAbsolutePath().normalize().getParent();
    if (parent == null || !Files.isRegularFile(path)) {
      throw BadInputException.in(
          path, "is neither a folder with a sentence encoder nor an .onnx file");
    }
    boolean inOnnxFolder = Path.of("onnx").equals(parent.getFileName());
    Path home = inOnnxFolder && parent.getParent() != null ? parent.getParent() : parent;
    return new SentenceTransformersFolder(home).model(name(path), path);
  }

  /// Absolute, so that another command finds it from another folder.
  private static String name(Path path) {
    return path.toAbsolutePath().normalize().toString();
  }

  private SentenceModel model(String name) throws IOException {
    for (String usual : List.of("onnx/model.onnx", "model.onnx")) {
      if (Files.isRegularFile(folder.resolve(usual))) {
        return model(name, folder.resolve(usual));
      }
    }
    throw BadInputException.in(
        folder,
        "has no onnx/model.onnx and no model.onnx; export one, for instance with optimum-cli export"
            + " onnx, or name the .onnx file itself");
  }

  private SentenceModel model(String name, Path weights) throws IOException {
    Path tokenizer = require("tokenizer.json");
    Map<String, Path> modules = modules();
    JsonNode config = json(require("config.json"));
    JsonNode pooling =
        json(
            require(
                modules.getOrDefault("Pooling", Path.of("")).resolve("config.json").toString()));
    JsonNode sentence = optional("sentence_bert_config.json");
    List<Pooling> poolings = poolings(pooling);
    int width = config.path("hidden_size").asInt(config.path("dim").asInt(0));
    if (width <= 0) {
      throw BadInputException.in(folder.resolve("config.json"), "has no hidden_size");
    }
    boolean normalized = modules.containsKey("Normalize");
    boolean lowerCased = sentence.path("do_lower_case").asBoolean(false);
    int maxTokens = maxTokens(sentence, config);
    String prompt = prompt(pooling);
    String digest =
        Digests.ofEncoder(
            weightsDigest(weights),
            Digests.ofFile(tokenizer),
            maxTokens,
            poolings,
            normalized,
            lowerCased,
            prompt);
    return new SentenceModel(
        new EncoderIdentity(name, digest, width * poolings.size(), maxTokens),
        new SentenceModel.ModelFile.OnDisk(weights),
        new SentenceModel.ModelFile.OnDisk(tokenizer),
        poolings,
        normalized,
        lowerCased,
        prompt);
  }

  /// The folder of each module by the last part of its class name.
  private Map<String, Path> modules() throws IOException {
    Path file = require("modules.json");
    Map<String, Path> found = new TreeMap<>();
    for (JsonNode module : json(file)) {
      String type = module.path("type").asString("");
      String kind = type.substring(type.lastIndexOf('.') + 1);
      if (!List.of("Transformer", "Pooling", "Normalize").contains(kind)
          || found.containsKey(kind)) {
        throw BadInputException.in(
            file,
            "has the module \"%s\"; done here are one Transformer, one Pooling and one Normalize"
                .formatted(type));
      }
      found.put(kind, Path.of(module.path("path").asString("")));
    }
    if (!found.containsKey("Transformer") || !found.containsKey("Pooling")) {
      throw BadInputException.in(
          file, "must list a Transformer and a Pooling; lists " + found.keySet());
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
    Map<String, Pooling> names =
        Map.of(
            "cls", Pooling.CLS,
            "max", Pooling.MAX,
            "mean", Pooling.MEAN,
            "mean_sqrt_len_tokens", Pooling.MEAN_SQRT_LENGTH,
            "weightedmean", Pooling.WEIGHTED_MEAN,
            "lasttoken", Pooling.LAST);
    List<Pooling> chosen = new ArrayList<>();
    for (String key : config.propertyNames()) {
      if (key.startsWith("pooling_mode_") && config.path(key).asBoolean(false)) {
        chosen.add(known(flags, key));
      }
    }
    JsonNode mode = config.path("pooling_mode");
    if (mode.isString()) {
      chosen.add(known(names, mode.asString()));
    }
    mode.forEach(element -> chosen.add(known(names, element.asString(""))));
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
    String digest = Digests.ofFile(weights);
    Path parent = weights.toAbsolutePath().getParent();
    String name = String.valueOf(weights.getFileName());
    List<Path> beside;
    try (Stream<Path> files = Files.list(parent == null ? Path.of("") : parent)) {
      beside =
          files
              .filter(f -> String.valueOf(f.getFileName()).matches("\\Q" + name + "\\E[._]data"))
              .sorted()
              .toList();
    }
    for (Path data : beside) {
      digest = Digests.of(digest + Digests.ofFile(data));
    }
    return digest;
  }

  private Path require(String name) {
    Path file = folder.resolve(name);
    if (!Files.isRegularFile(file)) {
      throw BadInputException.in(
          folder,
          ("has no %s; a sentence-transformers folder has modules.json, 1_Pooling/config.json,"
                  + " config.json, tokenizer.json and onnx/model.onnx")
              .formatted(name));
    }
    return file;
  }

  private JsonNode optional(String name) throws IOException {
    Path file = folder.resolve(name);
    return Files.isRegularFile(file) ? json(file) : JSON.createObjectNode();
  }

  private static JsonNode json(Path file) throws IOException {
    long size = Files.size(file);
    if (size > MAX_JSON) {
      throw BadInputException.in(
          file, "has %d bytes; too large for a configuration".formatted(size));
    }
    try {
      return JSON.readTree(Files.readAllBytes(file));
    } catch (JacksonException e) {
      throw BadInputException.in(
          file, "is no JSON: " + e.getOriginalMessage().toLowerCase(Locale.ROOT), e);
    }
  }
}
