package org.embedllm.gateway.upstream;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.embedllm.gateway.openai.ApiError;
import org.embedllm.gateway.openai.Capability;
import org.embedllm.gateway.openai.ChatJson;
import org.embedllm.storage.Printable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// What an upstream said was wrong.
///
/// @param type its coarse kind
/// @param code its finer kind
/// @param param the request's field at fault
/// @param message its words: one line, without secrets; empty where it said nothing readable
public record UpstreamError(
    Optional<String> type, Optional<String> code, Optional<String> param, String message) {
  static final UpstreamError NONE =
      new UpstreamError(Optional.empty(), Optional.empty(), Optional.empty(), "");

  private static final int SHOWN_CHARACTERS = 300;
  private static final Pattern SECRET =
      Pattern.compile("(?i)(bearer\\s+)?\\b(sk|ek|pk|rk)-[\\w*.-]{4,}|bearer\\s+\\S+");
  private static final Pattern UNSUPPORTED =
      Pattern.compile(
          "unsupported|not supported|n[o']t support|unrecognized|unknown (parameter|field|argument)"
              + "|unexpected keyword|(inputs?|fields?) (are |is )?not permitted|only supported"
              + "|unknown name|not a multi-?modal model|at most 0 (image|audio|video|file)"
              + "|requires --enable-auto-tool-choice|input should be 'function'"
              + "|extra_forbidden|no support for|not available (for|with|on) this model");
  private static final Pattern QUOTA =
      Pattern.compile(
          "insufficient_quota|billing_hard_limit|billing_not_active|credit balance is too low"
              + "|exceeded your current quota|insufficient (funds|credits|balance)");

  /// What OpenAI, vLLM, llama.cpp, text-generation-inference and others write in lower case.
  private static final Pattern TOO_LONG =
      Pattern.compile(
          "context_length_exceeded|context length|context size|context_size|context window"
              + "|prompt is too long|max_new_tokens` must be");

  /// A message in JSON that is not whole.
  private static final Pattern MESSAGE = Pattern.compile("\"message\"\\s*:\\s*\"([^\"]+)\"");

  private static final Pattern QUOTED = Pattern.compile("['\"`]([a-z][a-z0-9_]{1,40})['\"`]");
  private static final Pattern LEADING =
      Pattern.compile("^([a-z][a-z0-9_]{1,40})([.:]| is | are )");
  private static final Pattern NAMED =
      Pattern.compile("(?:supplied|parameters?|arguments?|fields?):? ([a-z][a-z0-9_]{1,40})");

  /// About one image, file or tool, where another one may be taken.
  private static final Pattern ONE_FILE =
      Pattern.compile(
          "\\b(mime|formats?|jpe?g|png|webp|gif|svg|download|fetch|resolution|dimensions|bytes|size)\\b|input should be 'function'");

  /// Reads an answer's body: OpenAI's shape, Anthropic's, FastAPI's, or text.
  ///
  /// @param secrets that must not be shown
  public static UpstreamError of(byte[] body, Collection<String> secrets) {
    try {
      return of(ChatJson.mapper().readTree(body), secrets);
    } catch (JacksonException e) {
      String text = new String(body, java.nio.charset.StandardCharsets.UTF_8);
      Matcher message = MESSAGE.matcher(text);
      return message.find()
          ? plain(message.group(1), secrets)
          : text.contains("<") ? NONE : plain(text, secrets);
    }
  }

  /// What the gateway says in its place.
  static UpstreamError of(ApiError error) {
    return new UpstreamError(
        Optional.of(error.type()), error.code(), error.param(), error.message());
  }

  static UpstreamError of(JsonNode root, Collection<String> secrets) {
    if (root.isArray() && !root.isEmpty()) {
      return of(root.get(0), secrets); // Gemini's
    }
    JsonNode error = root.path("error");
    if (error.isString()) {
      return plain(error.asString(), secrets);
    }
    JsonNode said = error.isObject() ? error : root;
    said = said.path("message").isObject() ? said.path("message") : said; // Mistral's
    JsonNode detail = said.path("detail");
    if (detail.isArray() && !detail.isEmpty()) {
      JsonNode first = detail.get(0);
      JsonNode place = first.path("loc");
      return new UpstreamError(
          text(first.path("type")),
          Optional.empty(),
          place.size() == 2 ? text(place.get(1)) : Optional.empty(),
          shown(first.path("msg").asString("") + " (" + joined(place) + ")", secrets));
    }
    String message = said.path("message").asString(detail.asString(""));
    return new UpstreamError(
        text(said.path("type")),
        text(said.path("code")),
        text(said.path("param")),
        shown(message, secrets));
  }

  private static UpstreamError plain(String text, Collection<String> secrets) {
    return new UpstreamError(
        Optional.empty(), Optional.empty(), Optional.empty(), shown(text, secrets));
  }

  private static String joined(JsonNode place) {
    var names = new StringBuilder();
    place.forEach(p -> names.append(names.isEmpty() ? "" : ".").append(p.asString("")));
    return names.toString();
  }

  private static Optional<String> text(JsonNode node) {
    return node.isString() || node.isNumber()
        ? Optional.of(node.asString())
            .filter(t -> !t.isBlank())
            .map(t -> cut(Printable.text(t), 80))
        : Optional.empty();
  }

  private static String shown(String text, Collection<String> secrets) {
    String line = Printable.text(text.replaceAll("[\\p{Cc}\\s]+", " ").strip());
    for (String secret : secrets) {
      line = secret.length() < 4 ? line : line.replace(secret, "****");
    }
    return cut(SECRET.matcher(line).replaceAll("****"), SHOWN_CHARACTERS);
  }

  private static String cut(String text, int most) {
    return text.length() > most ? text.substring(0, most) + "…" : text;
  }

  private String words() {
    return (type.orElse("") + " " + code.orElse("") + " " + message).toLowerCase(Locale.ROOT);
  }

  /// Whether it is about a parameter or a kind of content that the model does not take.
  boolean isUnsupported() {
    return UNSUPPORTED.matcher(words()).find();
  }

  boolean isQuota() {
    return QUOTA.matcher(words()).find();
  }

  boolean isTooLong() {
    return TOO_LONG.matcher(words()).find();
  }

  /// The parameter that is not supported, where it is said.
  ///
  /// @param fields of the request, one of which it is
  Optional<String> parameter(Collection<String> fields) {
    return param
        .map(p -> p.replaceAll("[.\\[].*", ""))
        .filter(fields::contains)
        .or(() -> find(QUOTED, fields))
        .or(() -> find(LEADING, fields))
        .or(() -> find(NAMED, fields))
        .or(() ->
            fields.stream() // With an underscore, it is no word of a sentence.
                .filter(f -> f.contains("_") && message.contains(f))
                .findFirst());
  }

  private Optional<String> find(Pattern pattern, Collection<String> fields) {
    return pattern
        .matcher(message)
        .results()
        .map(m -> m.group(1))
        .filter(fields::contains)
        .findFirst();
  }

  /// The ability that the model lacks, where it is said.
  ///
  /// @param needs of the request, one of which it is
  Optional<Capability> ability(Collection<Capability> needs) {
    String words = words();
    return ONE_FILE.matcher(words).find()
        ? Optional.empty()
        : needs.stream().filter(need -> pattern(need).matcher(words).find()).findFirst();
  }

  private static Pattern pattern(Capability ability) {
    return Pattern.compile(
        switch (ability) {
          case TOOLS -> "\\btools?\\b|tool_|function.call";
          case IMAGES -> "image|vision|multi-?modal";
          case AUDIO -> "audio|multi-?modal";
          case VIDEO -> "video|multi-?modal";
          case FILES -> "\\bfiles?\\b|pdf|document";
          case JSON -> "json|response_format|structured output";
        });
  }

  /// `it answered 502: no GPU left (out_of_memory)`.
  String after(String what) {
    String words = message.isEmpty() ? what : what + ": " + message;
    return code.filter(c -> !words.contains(c)).map(c -> words + " (" + c + ")").orElse(words);
  }
}
