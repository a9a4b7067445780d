package org.embedllm.app.cli;

import java.io.PrintWriter;
import org.embedllm.storage.Printable;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.SerializableString;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.core.io.CharacterEscapes;
import tools.jackson.core.io.SerializedString;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.ValueSerializer;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;

/// JSON output of every part of the program. Keys keep the order in which a record declares them or
/// a map returns them. Characters that would act on a terminal are escapes.
public final class JsonOutput {
  private static final JsonMapper JSON =
      JsonMapper.builder(JsonFactory.builder().characterEscapes(new ActingCharacters()).build())
          .disable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
          .disable(StreamWriteFeature.AUTO_CLOSE_TARGET)
          .enable(SerializationFeature.INDENT_OUTPUT)
          .addModule(finiteNumbers())
          .build();

  private static final JsonMapper COMPACT =
      JSON.rebuild().disable(SerializationFeature.INDENT_OUTPUT).build();

  private JsonOutput() {}

  /// A document on one line, in UTF-8.
  ///
  /// @param document records, maps, lists, numbers, strings, or a Jackson tree; a number that is
  ///   not finite is written as null
  public static byte[] bytes(Object document) {
    return COMPACT.writeValueAsBytes(document);
  }

  static void write(Object document, PrintWriter out) {
    JSON.writeValue(out, document);
    out.println();
    out.flush();
  }

  static JsonDocuments array(PrintWriter out) {
    return JsonDocuments.array(JSON, out);
  }

  /// JSON has no NaN: unknown values are null.
  private static SimpleModule finiteNumbers() {
    SimpleModule module = new SimpleModule();
    module.addSerializer(Double.class, new FiniteOrNull<>());
    module.addSerializer(Double.TYPE, new FiniteOrNull<>());
    module.addSerializer(Float.class, new FiniteOrNull<>());
    module.addSerializer(Float.TYPE, new FiniteOrNull<>());
    return module;
  }

  private static final class ActingCharacters extends CharacterEscapes {
    private static final long serialVersionUID = 1;
    private static final char DELETE = '\u007f';

    @Override
    public int[] getEscapeCodesForAscii() {
      int[] codes = standardAsciiEscapesForJSON();
      codes[DELETE] = ESCAPE_STANDARD;
      return codes;
    }

    @Override
    public @Nullable SerializableString getEscapeSequence(int character) {
      return character <= Character.MAX_VALUE && Printable.acts((char) character)
          ? new SerializedString("\\u%04X".formatted(character))
          : null;
    }
  }

  private static final class FiniteOrNull<N extends Number> extends ValueSerializer<N> {
    @Override
    public void serialize(N number, JsonGenerator json, SerializationContext context) {
      if (!Double.isFinite(number.doubleValue())) {
        json.writeNull();
      } else if (number instanceof Float single) {
        json.writeNumber(single);
      } else {
        json.writeNumber(number.doubleValue());
      }
    }
  }
}
