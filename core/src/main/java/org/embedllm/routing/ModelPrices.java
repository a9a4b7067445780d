package org.embedllm.routing;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.embedllm.storage.BadInputException;
import org.embedllm.storage.Utf8Text;

/// What a call to each model costs.
///
/// @param prices by model name; a model without a known price is absent
public record ModelPrices(Map<String, Price> prices) {
  /// No price is known.
  public static final ModelPrices UNKNOWN = new ModelPrices(Map.of());

  private static final int CHARACTERS_PER_TOKEN = 4;
  private static final List<String> HEADER = List.of("model", "input", "output", "call");

  public ModelPrices {
    prices = Map.copyOf(prices);
  }

  /// The price list of one model.
  ///
  /// @param input USD per million input tokens, not negative
  /// @param output USD per million output tokens, not negative
  /// @param call USD per call, not negative
  public record Price(double input, double output, double call) {
    public Price {
      if (!(input >= 0 && output >= 0 && call >= 0)) {
        throw new IllegalArgumentException(
            "a price must not be negative; got %s, %s, %s".formatted(input, output, call));
      }
    }

    /// Cost of one call in USD.
    public double cost(double inputTokens, double outputTokens) {
      return (input * inputTokens + output * outputTokens) / 1e6 + call;
    }
  }

  /// Prices for each call alone, as logs report them.
  ///
  /// @param callCosts USD a call by model name
  public static ModelPrices ofCalls(Map<String, Double> callCosts) {
    Map<String, Price> prices = new LinkedHashMap<>();
    callCosts.forEach((model, cost) -> prices.put(model, new Price(0, 0, cost)));
    return new ModelPrices(prices);
  }

  /// Cost of one call in USD; NaN where no price is known.
  public double cost(String model, double inputTokens, double outputTokens) {
    Price price = prices.get(model);
    return price == null ? Double.NaN : price.cost(inputTokens, outputTokens);
  }

  /// Tokens of a prompt whose tokenizer is not known: one for each four characters.
  public static int estimatedTokens(String prompt) {
    return Math.ceilDiv(prompt.length(), CHARACTERS_PER_TOKEN);
  }

  /// Whether any price is known.
  public boolean known() {
    return !prices.isEmpty();
  }

  /// Reads a CSV file with the columns `model,input,output,call` (USD per million input and output
  /// tokens, USD per call), in any order. `model` and one of the others must be there. Each model
  /// has a price per call, or one of input and one of output tokens (what is free is written as 0);
  /// beside a price per call empty ones are 0.
  ///
  /// @throws BadInputException when the file cannot be understood
  public static ModelPrices read(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw BadInputException.in(file, "is no file; prices are a CSV model,input,output,call");
    }
    Map<String, Price> prices = new LinkedHashMap<>();
    try (CsvReader<CsvRecord> csv = CsvReader.builder().ofCsvRecord(Utf8Text.open(file))) {
      int[] columns = null;
      for (CsvRecord row : csv) {
        if (columns == null) {
          columns = columns(file, row);
        } else {
          String model = field(row, columns[0]).strip();
          if (model.isEmpty()) {
            throw BadInputException.at(file, row.getStartingLineNumber(), "has no model name");
          }
          requireWhole(file, row, columns);
          Price price =
              new Price(
                  number(file, row, columns, 1),
                  number(file, row, columns, 2),
                  number(file, row, columns, 3));
          if (prices.put(model, price) != null) {
            throw BadInputException.at(
                file, row.getStartingLineNumber(), "names model " + model + " a second time");
          }
        }
      }
    } catch (CsvParseException e) {
      throw BadInputException.notCsv(file, e);
    }
    if (prices.isEmpty()) {
      throw BadInputException.in(file, "has no prices");
    }
    return new ModelPrices(prices);
  }

  /// Index of each column of [#HEADER]; −1 for an absent one.
  private static int[] columns(Path file, CsvRecord header) {
    List<String> names =
        header.getFields().stream().map(f -> f.strip().toLowerCase(Locale.ROOT)).toList();
    int[] columns = HEADER.stream().mapToInt(names::indexOf).toArray();
    if (columns[0] < 0 || (columns[1] < 0 && columns[2] < 0 && columns[3] < 0)) {
      throw BadInputException.at(
          file, 1, "the header must be model,input,output,call; got " + String.join(",", names));
    }
    return columns;
  }

  /// An empty price is unknown, not free.
  private static void requireWhole(Path file, CsvRecord row, int[] columns) {
    boolean input = !field(row, columns[1]).isBlank();
    boolean output = !field(row, columns[2]).isBlank();
    boolean call = !field(row, columns[3]).isBlank();
    if (!call && input != output) {
      throw BadInputException.at(
          file,
          row.getStartingLineNumber(),
          "%s has a price of %s tokens and none of %s tokens; write 0 where they are free"
              .formatted(
                  field(row, columns[0]).strip(),
                  input ? "input" : "output",
                  input ? "output" : "input"));
    }
    if (!input && !call) {
      throw BadInputException.at(
          file,
          row.getStartingLineNumber(),
          field(row, columns[0]).strip()
              + " has no price; write 0 where it is free, or leave the row out where it is unknown");
    }
  }

  private static double number(Path file, CsvRecord row, int[] columns, int which) {
    String text = field(row, columns[which]).strip();
    if (text.isEmpty()) {
      return 0;
    }
    try {
      double value = Double.parseDouble(text);
      if (value >= 0 && value < Double.POSITIVE_INFINITY) {
        return value;
      }
    } catch (NumberFormatException e) {
      // Reported below together with negative numbers.
    }
    throw BadInputException.at(
        file,
        row.getStartingLineNumber(),
        "%s must be a price of 0 or more; got \"%s\"".formatted(HEADER.get(which), text));
  }

  private static String field(CsvRecord row, int column) {
    return column < 0 || column >= row.getFieldCount() ? "" : row.getField(column);
  }
}
