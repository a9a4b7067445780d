package org.embedllm.source.file;

import java.io.IOException;
import java.util.List;
import java.util.Set;
import org.embedllm.storage.BadInputException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;
import tools.jackson.databind.node.ObjectNode;

/// One JSON document over any number of lines. The elements of its long array are handed over one
/// at a time; the rest is kept.
public final class JsonDocument {
  /// Takes an element of the array.
  @FunctionalInterface
  public interface ElementConsumer {
    /// @param line the line it begins at, counted from 1
    /// @param before the document as far as it precedes the array
    void accept(long line, ObjectNode before, JsonNode element);
  }

  private final SourceFile file;
  private final Set<String> skipped;
  private final ObjectNode document = JsonRecords.JSON.createObjectNode();
  private final List<String> array;
  private final ElementConsumer consumer;

  private JsonDocument(
      SourceFile file, List<String> array, Set<String> skipped, ElementConsumer consumer) {
    this.file = file;
    this.array = array;
    this.skipped = skipped;
    this.consumer = consumer;
  }

  /// Reads a document.
  ///
  /// @param array names of the fields that lead to the array; none where the document is one
  /// @param skipped fields of an element that are not wanted
  /// @return the document without the array
  /// @throws BadInputException when it is damaged
  public static ObjectNode read(
      SourceFile file, List<String> array, Set<String> skipped, ElementConsumer consumer) {
    return new JsonDocument(file, array, skipped, consumer).read();
  }

  /// One field of a document, read without what follows it; a missing node where there is none, or
  /// where the document is damaged before it.
  public static JsonNode field(SourceFile file, String name) throws IOException {
    try (JsonParser parser = JsonRecords.JSON.createParser(file.text())) {
      if (parser.nextToken() == JsonToken.START_OBJECT) {
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
          boolean found = parser.currentName().equals(name);
          parser.nextToken();
          if (found) {
            return JsonRecords.JSON.readTree(parser);
          }
          parser.skipChildren();
        }
      }
    } catch (JacksonException e) {
      return MissingNode.getInstance();
    }
    return MissingNode.getInstance();
  }

  private ObjectNode read() {
    long line = 0;
    try (JsonParser parser = JsonRecords.JSON.createParser(file.text())) {
      try {
        JsonToken first = parser.nextToken();
        if (first == JsonToken.START_ARRAY && array.isEmpty()) {
          elements(parser);
        } else if (first == JsonToken.START_OBJECT) {
          object(parser, document, 0);
        } else {
          throw BadInputException.at(file.path(), 1, "must be one JSON object");
        }
      } catch (JacksonException e) {
        line = parser.currentLocation().getLineNr();
        if (e.getCause() instanceof IOException io) {
          throw SourceFile.failed(file.path(), line, io);
        }
        throw BadInputException.at(
            file.path(), line, "is cut off or damaged: it is no JSON from here on");
      }
    } catch (IOException e) {
      throw SourceFile.failed(file.path(), line, e);
    }
    return document;
  }

  private void object(JsonParser parser, ObjectNode into, int depth) {
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String name = parser.currentName();
      JsonToken value = parser.nextToken();
      boolean onPath = depth < array.size() && array.get(depth).equals(name);
      if (onPath && depth == array.size() - 1 && value == JsonToken.START_ARRAY) {
        elements(parser);
      } else if (onPath && depth < array.size() - 1 && value == JsonToken.START_OBJECT) {
        object(parser, into.putObject(name), depth + 1);
      } else if (skipped.contains(name)) {
        parser.skipChildren();
      } else {
        into.set(name, JsonRecords.JSON.readTree(parser));
      }
    }
  }

  private void elements(JsonParser parser) {
    for (JsonToken token = parser.nextToken();
        token != JsonToken.END_ARRAY;
        token = parser.nextToken()) {
      long line = parser.currentTokenLocation().getLineNr();
      JsonNode element =
          token == JsonToken.START_OBJECT
              ? JsonRecords.fields(parser, skipped)
              : JsonRecords.JSON.readTree(parser);
      consumer.accept(line, document, element);
    }
  }
}
