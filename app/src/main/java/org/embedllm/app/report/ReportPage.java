package org.embedllm.app.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Objects;

/// A page of headings, paragraphs, figures and tables in one file that needs no network: style,
/// script, drawings and downloads are inside. Each figure is there twice, for wide and for narrow
/// screens.
///
/// @param title of the page
/// @param lead its subject, in one or two sentences
/// @param blocks its parts, in order
public record ReportPage(String title, String lead, List<Block> blocks) {
  public ReportPage {
    blocks = List.copyOf(blocks);
  }

  /// The page as HTML.
  public String html() {
    Markup out = new Markup();
    out.raw("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n");
    out.raw("<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n");
    out.raw("<link rel=\"icon\" href=\"data:,\">");
    out.add("<title>%s</title>\n", title);
    out.raw("<style>\n").raw(ChartStyle.variable()).raw(resource("report.css"));
    out.raw("</style></head>\n<body><main>\n");
    out.add("<h1>%s</h1>\n<p class=\"lead\">%s</p>\n", title, lead);
    contents(out);
    blocks.forEach(block -> block(block, out));
    out.raw("</main>\n<div id=\"tip\" hidden></div>\n<script>\n");
    out.raw(resource("report.js")).raw("</script></body></html>\n");
    return out.toString();
  }

  private void contents(Markup out) {
    List<Block.Heading> headings =
        blocks.stream()
            .filter(Block.Heading.class::isInstance)
            .map(Block.Heading.class::cast)
            .toList();
    if (headings.size() > 1) {
      out.raw("<nav aria-label=\"Contents\"><ul>");
      headings.forEach(h -> out.add("<li><a href=\"#%s\">%s</a></li>", h.id(), h.text()));
      out.raw("</ul></nav>\n");
    }
  }

  private static void block(Block block, Markup out) {
    switch (block) {
      case Block.Heading heading ->
          out.add("<h2 id=\"%s\">%s</h2>\n", heading.id(), heading.text());
      case Block.Paragraph paragraph -> out.add("<p>%s</p>\n", paragraph.text());
      case Block.Drawing drawing -> figure(drawing.figure(), out);
      case Block.Listing listing -> {
        out.add("<figure class=\"listing\" id=\"%s\">", listing.id());
        out.add("<figcaption><b>%s</b></figcaption>", listing.title());
        listing.table().html(out);
        out.raw("<p class=\"files\">");
        download(out, listing.id() + ".csv", "text/csv", "CSV", listing.table().csv());
        out.raw("</p></figure>\n");
      }
      case Block.Facts facts -> {
        out.raw("<dl class=\"facts\">");
        for (Block.Fact fact : facts.facts()) {
          out.add("<div><dt>%s</dt><dd>%s</dd></div>", fact.name(), fact.value());
        }
        out.raw("</dl>\n");
      }
    }
  }

  private static void figure(Figure figure, Markup out) {
    out.add("<figure id=\"%s\"><h3>%s</h3>\n", figure.id(), figure.title());
    out.add("<p class=\"finding\">%s</p>\n", figure.finding());
    out.raw("<div class=\"wide\">");
    out.raw(SvgChart.inline(figure.chart(), SvgChart.WIDE, figure.title()));
    out.raw("</div>\n<div class=\"narrow\">");
    out.raw(SvgChart.inline(figure.chart(), SvgChart.NARROW, figure.title()));
    out.add("</div>\n<figcaption>%s</figcaption>\n", figure.caption());
    out.raw("<details><summary>The numbers</summary>");
    figure.table().html(out);
    out.raw("</details>\n<p class=\"files\">");
    download(out, figure.id() + ".csv", "text/csv", "CSV", figure.table().csv());
    download(out, figure.id() + ".svg", "image/svg+xml", "SVG", figure.svg());
    out.raw("</p></figure>\n");
  }

  private static void download(Markup out, String name, String type, String label, String content) {
    String data = Base64.getEncoder().encodeToString(content.getBytes(StandardCharsets.UTF_8));
    out.add("<a download=\"%s\" href=\"data:%s;base64,%s\">%s</a> ", name, type, data, label);
  }

  private static String resource(String name) {
    try (InputStream in =
        Objects.requireNonNull(ReportPage.class.getResourceAsStream(name), name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
