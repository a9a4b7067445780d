package org.embedllm.app.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.geom.Rectangle2D;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

class ReportPageTest {
  private static final Axis ACCURACY = Axis.of("Accuracy (%)", ValueFormat.PERCENT);
  private static final Chart.Estimate HALF = new Chart.Estimate(0.5, 0.4, 0.6);

  static Stream<Chart> charts() {
    var points =
        List.of(
            new Chart.Point(1_000, HALF, "a <b>"),
            new Chart.Point(9_000, Chart.Estimate.of(0.7), ""));
    var series =
        List.of(new Chart.Series("KNN", points, true), new Chart.Series("MF", points, false));
    var plane =
        new Chart.Plane(
            Axis.of("Questions", ValueFormat.COUNT).asLogarithmic(), ACCURACY, series, false);
    var square = new Chart.Plane(ACCURACY, ACCURACY, List.of(series.getLast()), true);
    return Stream.of(
        plane,
        models(30),
        new Chart.Panels(List.of("law & order", "maths"), List.of(square, square)),
        new Chart.Dots(
            ACCURACY,
            List.of(
                "x\u001b[31m\u0000\u202e\ufffe",
                "a very long name of a benchmark that does not fit on a phone"),
            List.of(
                new Chart.Row("router", List.of(HALF, HALF)),
                new Chart.Row("oracle", List.of(HALF, Chart.Estimate.of(Double.NaN)))),
            List.of("p = 0.01", ""),
            true),
        new Chart.Bars(
            Axis.of("Σ", ValueFormat.GENERAL),
            List.of("up", "down"),
            List.of(HALF, new Chart.Estimate(-0.2, -0.3, -0.1))),
        new Chart.SignedMatrix(
            "C",
            ValueFormat.GENERAL,
            "Contributor",
            "Tested",
            List.of("a", "b"),
            List.of("a", "b"),
            List.of(List.of(0.0, -1.0), List.of(0.5, Double.NaN))));
  }

  /// Models of ten families over two axes, each with its name.
  private static Chart.Plane models(int count) {
    List<Chart.Series> families =
        IntStream.range(0, 10)
            .mapToObj(family ->
                new Chart.Series(
                    "family " + family,
                    IntStream.range(0, count)
                        .filter(i -> i % 10 == family)
                        .mapToObj(i ->
                            new Chart.Point(
                                0.01 * (i * 37 % 100),
                                Chart.Estimate.of(0.01 * (i * 61 % 100)),
                                "model-" + i))
                        .toList(),
                    false,
                    true))
            .toList();
    return new Chart.Plane(ACCURACY, ACCURACY, families, false);
  }

  private static Rectangle2D box(Element text) {
    double width = TextWidth.of(text.getTextContent(), 11);
    double x = Double.parseDouble(text.getAttribute("x"));
    double y = Double.parseDouble(text.getAttribute("y"));
    return new Rectangle2D.Double(x, y - 8, width, 10);
  }

  @ParameterizedTest
  @ValueSource(ints = {10, 30, 200})
  void labels_ofManyPoints_neverCoverEachOther(int count) throws Exception {
    var texts = parsed(SvgChart.file(models(count), "Models")).getElementsByTagName("text");
    List<Rectangle2D> labels =
        IntStream.range(0, texts.getLength())
            .mapToObj(k -> (Element) texts.item(k))
            .filter(text -> text.getTextContent().startsWith("model-"))
            .map(ReportPageTest::box)
            .toList();
    assertThat(labels).hasSizeBetween(Math.min(count, 20), count);
    for (int k = 0; k < labels.size(); k++) {
      Rectangle2D label = labels.get(k);
      assertThat(labels.subList(0, k)).noneMatch(label::intersects);
    }
  }

  @Test
  void series_beyondTheColors_areGray() {
    assertThat(SvgChart.file(models(30), "Models"))
        .contains("class=\"m s8\"")
        .doesNotContain("\"m s9");
  }

  @ParameterizedTest
  @MethodSource("charts")
  void file_everyChart_isWellFormedAndStaysInsideItsFrame(Chart chart) throws Exception {
    Document svg = parsed(SvgChart.file(chart, "Title \"quoted\" & <tagged>"));
    double height = Double.parseDouble(svg.getDocumentElement().getAttribute("height"));
    assertThat(svg.getDocumentElement().getAttribute("aria-label")).contains("<tagged>");
    var texts = svg.getElementsByTagName("text");
    for (int k = 0; k < texts.getLength(); k++) {
      Element text = (Element) texts.item(k);
      if (text.hasAttribute("x") && !(chart instanceof Chart.Panels)) {
        assertThat(Double.parseDouble(text.getAttribute("x"))).isBetween(0.0, SvgChart.WIDE);
        assertThat(Double.parseDouble(text.getAttribute("y"))).isBetween(0.0, height);
      }
    }
    assertThat(SvgChart.file(chart, "t")).doesNotContain("NaN").doesNotContain("var(");
    assertThat(SvgChart.inline(chart, SvgChart.NARROW, "t")).doesNotContain("NaN");
  }

  @Test
  void html_page_asksNothingOfANetwork() {
    String html = page().html();
    assertThat(html.replace("http://www.w3.org/2000/svg", ""))
        .doesNotContain("http://")
        .doesNotContain("https://")
        .doesNotContain("@import")
        .doesNotContain("url(");
    assertThat(html).contains("&lt;script&gt;alert(1)&lt;/script&gt;");
  }

  @Test
  void html_figure_carriesItsFindingItsNumbersAndItsFiles() {
    String html = page().html();
    assertThat(html).contains("KNN is worse by 0.2.").contains("download=\"table1.svg\"");
    Matcher csv =
        Pattern.compile("download=\"table1.csv\" href=\"data:text/csv;base64,([^\"]+)")
            .matcher(html);
    assertThat(csv.find()).isTrue();
    String text =
        new String(java.util.Base64.getDecoder().decode(csv.group(1)), StandardCharsets.UTF_8);
    assertThat(text).isEqualTo("name,value\n\"a,b\",0.123456789\nx,\n7,7\n");
  }

  @Test
  void table_valueWithTheEndsOfItsInterval_isOneCellOnThePageAndThreeInTheFile() {
    Table table =
        new Table(
            List.of(
                new Table.Column("knn_accuracy", "KNN"),
                new Table.Column("knn_low", "low"),
                new Table.Column("knn_high", "high"),
                new Table.Column("count_low", "Low count")),
            List.of(
                List.of(
                    Cell.of(0.5, ValueFormat.PERCENT),
                    Cell.of(0.4, ValueFormat.PERCENT),
                    Cell.of(0.6, ValueFormat.PERCENT),
                    Cell.count(3)),
                List.of(
                    Cell.of(0.7, ValueFormat.PERCENT),
                    Cell.of(Double.NaN, ValueFormat.PERCENT),
                    Cell.of(Double.NaN, ValueFormat.PERCENT),
                    Cell.count(4))));
    String html =
        new ReportPage("t", "l", List.of(new Block.Listing("id", "Values", table))).html();
    assertThat(html.split("<th ", -1)).hasSize(3);
    assertThat(html)
        .contains(
            "<td class=\"n\" data-v=\"0.5\">50.0 % <span class=\"i\">40.0 to 60.0</span></td>")
        .contains("<td class=\"n\" data-v=\"0.7\">70.0 %</td>");
    assertThat(table.csv())
        .isEqualTo("knn_accuracy,knn_low,knn_high,count_low\n0.5,0.4,0.6,3\n0.7,,,4\n");
  }

  @Test
  void axis_ofSmallPrices_isWrittenInFull() {
    Chart chart =
        new Chart.Plane(
            Axis.of("USD", ValueFormat.GENERAL).asLogarithmic(),
            Axis.of("Quality (%)", ValueFormat.PERCENT),
            List.of(
                new Chart.Series(
                    "",
                    List.of(
                        new Chart.Point(0.0002, Chart.Estimate.of(0.5), ""),
                        new Chart.Point(0.02, Chart.Estimate.of(0.6), "")),
                    true)),
            false);
    Table empty = new Table(List.of(new Table.Column("a", "A")), List.of());
    assertThat(new Figure("id", "Title", "finding", "caption", chart, empty).svg())
        .contains(">0.0002<", ">0.005<", ">0.02<")
        .doesNotContain("e-0");
  }

  @Test
  void format_numbers_readAsAPersonWritesThem() {
    assertThat(ValueFormat.PERCENT.show(0.70312)).isEqualTo("70.3 %");
    assertThat(ValueFormat.COUNT.show(12_032)).isEqualTo("12,032");
    assertThat(ValueFormat.DECIMAL.show(-0.0001)).isEqualTo("0.000");
    assertThat(ValueFormat.GENERAL.show(-0.012345)).isEqualTo("−0.0123");
    assertThat(ValueFormat.GENERAL.show(Double.NaN)).isEqualTo("–");
  }

  private static ReportPage page() {
    Table table =
        new Table(
            List.of(new Table.Column("name", "Name"), new Table.Column("value", "Value")),
            List.of(
                List.of(Cell.of("a,b"), Cell.of(0.123456789, ValueFormat.DECIMAL)),
                List.of(Cell.of("x"), Cell.of(Double.NaN, ValueFormat.DECIMAL)),
                List.of(Cell.of("7"), Cell.count(7))));
    Chart chart = charts().findFirst().orElseThrow();
    return new ReportPage(
        "A report",
        "On <script>alert(1)</script>.",
        List.of(
            new Block.Heading("one", "One"),
            new Block.Heading("two", "Two"),
            new Block.Paragraph("Text."),
            new Block.Drawing(
                new Figure("table1", "T", "KNN is worse by 0.2.", "Whiskers.", chart, table)),
            new Block.Listing("list", "L", table),
            new Block.Facts(List.of(new Block.Fact("seed", "0")))));
  }

  private static Document parsed(String svg) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)));
  }
}
