package org.embedllm.gateway.openai;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import org.embedllm.gateway.openai.BodyEdits.Span;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// A completion request: the original bytes, and the fields that the gateway reads.
///
/// The bytes go on to the upstream as they are, but for the values of `model` and, where usage must
/// be accounted, `stream_options`: fields this class has never heard of arrive untouched.
///
/// It is long because the API is wide: each field that is read has its case and its accessor here.
public final class RequestBody {
  /// What the names of attributes begin with in `metadata`.
  private static final String ATTRIBUTE = "embedllm.";

  /// Fields that are meant for the gateway.
  private static final Set<String> OWN = Set.of("models", "usage");

  private static final Set<String> HINTS =
      Set.of(
          "verbosity",
          "service_tier",
          "prompt_cache_key",
          "safety_identifier",
          "user",
          "reasoning_effort");

  /// Each name may be a policy, which ranks all models.
  private static final int MOST_MODELS = 32;

  private static final int CHARACTERS_PER_TOKEN = 4;
  private static final int TOKENS_PER_IMAGE = 765;
  private static final Set<String> REQUIRED =
      Set.of("model", "messages", "prompt", "stream", "tools", "functions", "response_format");

  private final byte[] bytes;
  private Optional<String> model = Optional.empty();
  private Optional<Span> modelSpan = Optional.empty();
  private Optional<Span> optionsSpan = Optional.empty();
  private Optional<JsonNode> options = Optional.empty();
  private Optional<JsonNode> prompt = Optional.empty();
  private Optional<Messages> messages = Optional.empty();
  private final Set<String> fields = new LinkedHashSet<>();
  private final Set<Capability> needs = EnumSet.noneOf(Capability.class);
  private final Map<String, String> attributes = new LinkedHashMap<>();
  private final List<String> fallbackModels = new ArrayList<>();
  private boolean stream;
  private int tools;
  private long toolBytes;
  private int promptTokens;
  private int answers = 1;
  private OptionalDouble temperature = OptionalDouble.empty();
  private boolean asksForCost;
  private long inputBytes;
  private OptionalInt maxTokens = OptionalInt.empty();
  private Optional<String> cacheKey = Optional.empty();
  private boolean translated;
  private Optional<Only> only = Optional.empty();
  private int objectStart = -1;
  private boolean empty = true;

  private RequestBody(byte[] bytes) {
    this.bytes = bytes;
  }

  /// @throws ApiException 400 where the body is not a JSON object, or a field that matters here has
  ///   another type than OpenAI's
  public static RequestBody parse(byte[] bytes) {
    ChatJson.requireUtf8(bytes);
    var body = new RequestBody(bytes);
    try (JsonParser parser = ChatJson.mapper().createParser(bytes)) {
      body.readObject(parser);
      body.promptTokens = body.estimate();
    } catch (JacksonException e) {
      throw ChatJson.notJson(e);
    }
    return body;
  }

  /// The one API in which a request can be asked.
  private record Only(Api api, ApiException why) {}

  /// The same of a request of another API that was translated.
  public static RequestBody parseTranslated(ClientProtocol.Translated request) {
    RequestBody body = parse(ChatJson.bytes(request.chat()));
    body.translated = true;
    body.only = request.inexpressible().map(why -> new Only(request.original().api(), why));
    return body;
  }

  /// Whether upstreams of an API can be asked.
  public boolean canBeAskedIn(Api api) {
    return only.isEmpty() || only.get().api() == api;
  }

  /// What chat completions cannot express of it, as a client is told; mostly empty.
  public Optional<ApiException> inexpressible() {
    return only.map(Only::why);
  }

  private void readObject(JsonParser parser) {
    if (parser.nextToken() != JsonToken.START_OBJECT) {
      throw ApiException.badRequest("invalid_json", "body", "the body must be a JSON object");
    }
    objectStart = (int) parser.currentTokenLocation().getByteOffset() + 1;
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String name = parser.currentName();
      empty = false;
      if (!fields.add(name)) {
        throw ApiException.badRequest("invalid_json", name, "\"" + name + "\" appears twice");
      }
      parser.nextToken();
      readField(name, parser);
    }
    if (parser.nextToken() != null) {
      throw ApiException.badRequest("invalid_json", "body", "something follows the JSON object");
    }
  }

  private void readField(String name, JsonParser parser) {
    switch (name) {
      case "model" -> {
        int start = (int) parser.currentTokenLocation().getByteOffset();
        model = Optional.of(requireText(name, parser));
        modelSpan = Optional.of(new Span(start, (int) parser.currentLocation().getByteOffset()));
      }
      case "models" -> readModels(parser.readValueAsTree());
      case "messages" -> {
        messages = Optional.of(Messages.read(parser));
        needs.addAll(messages.get().needs());
      }
      case "prompt" -> prompt = Optional.of(parser.readValueAsTree());
      case "stream" -> stream = requireFlag(name, parser);
      case "stream_options" -> {
        int start = (int) parser.currentTokenLocation().getByteOffset();
        options = Optional.<JsonNode>of(parser.readValueAsTree());
        optionsSpan = Optional.of(new Span(start, (int) parser.currentLocation().getByteOffset()));
      }
      case "tools", "functions" -> {
        long start = parser.currentTokenLocation().getByteOffset();
        int count = parser.<JsonNode>readValueAsTree().size();
        tools += count;
        need(Capability.TOOLS, count > 0);
        toolBytes += parser.currentLocation().getByteOffset() - start;
      }
      case "response_format" -> {
        String type = parser.<JsonNode>readValueAsTree().path("type").asString("");
        need(Capability.JSON, type.startsWith("json"));
      }
      case "max_tokens", "max_completion_tokens" -> {
        JsonNode value = parser.readValueAsTree();
        if (value.canConvertToInt()) {
          maxTokens = OptionalInt.of(value.asInt());
        }
      }
      case "temperature" -> {
        JsonNode value = parser.readValueAsTree();
        temperature =
            value.isNumber() ? OptionalDouble.of(value.asDouble()) : OptionalDouble.empty();
      }
      case "usage" ->
          asksForCost = parser.<JsonNode>readValueAsTree().path("include").asBoolean(false);
      case "input" -> {
        long start = parser.currentTokenLocation().getByteOffset();
        parser.skipChildren();
        inputBytes = parser.currentLocation().getByteOffset() - start;
      }
      case "n" -> answers = Math.max(1, parser.<JsonNode>readValueAsTree().asInt(1));
      case "metadata" ->
          attributes(parser.readValueAsTree())
              .properties()
              .forEach(field ->
                  attributes.put(
                      field.getKey().substring(ATTRIBUTE.length()), field.getValue().asString("")));
      case "prompt_cache_key" -> {
        JsonNode value = parser.readValueAsTree();
        cacheKey = value.isString() ? Optional.of(value.asString()) : Optional.empty();
      }
      default -> parser.skipChildren();
    }
  }

  private void readModels(JsonNode list) {
    if (list.isNull()) {
      return;
    }
    if (!list.isArray() || !list.valueStream().allMatch(JsonNode::isString)) {
      throw ApiException.badRequest(
          "invalid_type", "models", "\"models\" must be a list of the names of models");
    }
    if (list.size() > MOST_MODELS) {
      throw ApiException.badRequest(
          "invalid_value", "models", "\"models\" may have " + MOST_MODELS + " names at most");
    }
    list.forEach(other -> fallbackModels.add(other.asString()));
  }

  private static String requireText(String name, JsonParser parser) {
    if (parser.currentToken() != JsonToken.VALUE_STRING) {
      throw ApiException.badRequest("invalid_type", name, "\"" + name + "\" must be a string");
    }
    return parser.getString();
  }

  private static boolean requireFlag(String name, JsonParser parser) {
    return switch (parser.currentToken()) {
      case VALUE_TRUE -> true;
      case VALUE_FALSE, VALUE_NULL -> false;
      default ->
          throw ApiException.badRequest(
              "invalid_type", name, "\"" + name + "\" must be true or false");
    };
  }

  private void need(Capability ability, boolean needed) {
    if (needed) {
      needs.add(ability);
    }
  }

  /// Names of its fields.
  public Set<String> fields() {
    return Collections.unmodifiableSet(fields);
  }

  /// Names of those fields without which it is still a request.
  public Set<String> optionalFields() {
    var optional = new LinkedHashSet<>(fields);
    optional.removeAll(REQUIRED);
    return optional;
  }

  /// Whether a parameter may be left out for a model that does not take it: it comes from another
  /// API than chat completions, and no answer is wrong without it.
  public boolean isHint(String parameter) {
    return translated && HINTS.contains(parameter);
  }

  /// What a model must be able to do to serve it.
  public Set<Capability> needs() {
    return Collections.unmodifiableSet(needs);
  }

  /// Number of tools or functions offered.
  public int tools() {
    return tools;
  }

  /// Number of images in the conversation.
  public int images() {
    return conversation().images();
  }

  /// What `metadata` says of the request, as `embedllm.NAME`, by NAME; numbers and flags as text.
  public Map<String, String> attributes() {
    return Collections.unmodifiableMap(attributes);
  }

  /// The fields of `metadata` that are meant for the gateway.
  public static ObjectNode attributes(JsonNode metadata) {
    ObjectNode own = ChatJson.mapper().createObjectNode();
    for (Map.Entry<String, JsonNode> field : metadata.properties()) {
      if (field.getKey().startsWith(ATTRIBUTE) && field.getKey().length() > ATTRIBUTE.length()) {
        own.set(field.getKey(), field.getValue());
      }
    }
    return own;
  }

  /// Takes out what is meant for the gateway, and is not sent on.
  public static void removeOwn(ObjectNode request) {
    request.remove(OWN);
    if (request.path("metadata") instanceof ObjectNode metadata) {
      ObjectNode attributes = attributes(metadata);
      attributes.propertyNames().forEach(metadata::remove);
      if (metadata.isEmpty() && !attributes.isEmpty()) {
        request.remove("metadata");
      }
    }
  }

  /// `model`; empty where the request has none.
  public Optional<String> model() {
    return model;
  }

  /// Models and policies to be asked, in this order: `model`, then those of `models`. `auto` where
  /// the request has neither.
  public List<String> models() {
    var names = new LinkedHashSet<String>();
    model.ifPresent(names::add);
    names.addAll(fallbackModels);
    return names.isEmpty() ? List.of("auto") : List.copyOf(names);
  }

  /// The conversation; empty for a plain completion.
  public List<Turn> turns() {
    return conversation().turns();
  }

  private Messages conversation() {
    return messages.orElse(Messages.NONE);
  }

  public boolean hasMessages() {
    return messages.isPresent();
  }

  /// Text of `prompt`: a string, or several joined by newlines; empty where it is missing or made
  /// of token numbers.
  public Optional<String> promptText() {
    return prompt.flatMap(node -> {
      if (node.isString()) {
        return Optional.of(node.asString());
      }
      if (node.isArray() && !node.isEmpty() && node.get(0).isString()) {
        var texts = new ArrayList<String>();
        node.forEach(text -> texts.add(text.asString("")));
        return Optional.of(String.join("\n", texts));
      }
      return Optional.empty();
    });
  }

  public boolean hasPrompt() {
    return prompt.isPresent();
  }

  public boolean stream() {
    return stream;
  }

  /// Most tokens of the answer, all choices together.
  public OptionalInt maxTokens() {
    return maxTokens.isPresent()
        ? OptionalInt.of(
            Math.multiplyExact(Math.min(maxTokens.getAsInt(), 1 << 24), Math.min(answers, 64)))
        : maxTokens;
  }

  /// `prompt_cache_key`: requests with the same one share a prompt cache.
  public Optional<String> cacheKey() {
    return cacheKey;
  }

  /// Whether it is about vectors of texts.
  public boolean isEmbedding() {
    return fields.contains("input") && !hasMessages() && !hasPrompt();
  }

  public OptionalDouble temperature() {
    return temperature;
  }

  /// `usage: {include: true}`: whether the answer's usage shall have its cost.
  public boolean asksForCost() {
    return asksForCost;
  }

  /// Whether the client asked for a usage chunk at the end of a stream.
  public boolean asksForUsage() {
    return asksForCost || asksForStreamUsage();
  }

  private boolean asksForStreamUsage() {
    return options.map(o -> o.path("include_usage").asBoolean(false)).orElse(false);
  }

  /// The prompt's length in tokens, definitions of tools included: at four characters a token, two
  /// where they are not ASCII, images at a flat rate.
  public int estimatedPromptTokens() {
    return promptTokens;
  }

  private int estimate() {
    long characters = toolBytes + inputBytes + promptText().map(RequestBody::weight).orElse(0L);
    for (Turn turn : turns()) {
      characters += weight(turn.text()) + 16;
    }
    return (int)
        Math.min(
            Integer.MAX_VALUE,
            characters / CHARACTERS_PER_TOKEN + 1 + (long) images() * TOKENS_PER_IMAGE);
  }

  /// Characters, those beyond ASCII twice.
  private static long weight(String text) {
    long weight = text.length();
    for (int i = 0; i < text.length(); i++) {
      weight += text.charAt(i) > 127 ? 1 : 0;
    }
    return weight;
  }

  /// The body for an upstream.
  ///
  /// @param name what it calls the model
  /// @param usage whether it shall send usage at the end of a stream
  /// @param without fields that it does not take
  public byte[] forUpstream(String name, boolean usage, Set<String> without) {
    if (!without.isEmpty() || !attributes.isEmpty() || !Collections.disjoint(fields, OWN)) {
      ObjectNode less = (ObjectNode) ChatJson.mapper().readTree(bytes);
      less.remove(without);
      removeOwn(less);
      return parse(ChatJson.bytes(less)).forUpstream(name, usage, Set.of());
    }
    var edits = new BodyEdits();
    var front = new StringBuilder();
    String quoted = ChatJson.mapper().writeValueAsString(name);
    modelSpan.ifPresentOrElse(
        span -> edits.replace(span, quoted),
        () -> front.append("\"model\":").append(quoted).append(','));
    if (stream && usage && !asksForStreamUsage()) {
      optionsSpan.ifPresentOrElse(
          span -> edits.replace(span, ChatJson.mapper().writeValueAsString(optionsWithUsage())),
          () -> front.append("\"stream_options\":{\"include_usage\":true},"));
    }
    if (!front.isEmpty()) {
      edits.insert(objectStart, empty ? front.substring(0, front.length() - 1) : front.toString());
    }
    return edits.of(bytes);
  }

  private ObjectNode optionsWithUsage() {
    ObjectNode changed =
        options.orElseThrow() instanceof ObjectNode object
            ? object.deepCopy()
            : ChatJson.mapper().createObjectNode();
    return changed.put("include_usage", true);
  }
}
