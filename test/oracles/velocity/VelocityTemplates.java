import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.StringWriter;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.velocity.VelocityContext;
import org.apache.velocity.app.VelocityEngine;

/**
 * Evaluates mapping templates with the variables that API Gateway documents. A question is a line of parts, each a key
 * and one or two texts in base64: `template`, `body`, `header`, `query`, `context`, and `path` for what an earlier template
 * put into `$context.requestOverride.path`. So is the answer: `output`, `status`, `path`, or `error`.
 */
public final class VelocityTemplates {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** `$input`. */
  public static final class Input {
    private final String body;
    private final Map<String, Map<String, String>> parameters = new LinkedHashMap<>();

    Input(String body, Map<String, String> query, Map<String, String> headers) {
      // An empty body is an empty object to API Gateway.
      this.body = body.isEmpty() ? "{}" : body;
      parameters.put("path", new LinkedHashMap<>());
      parameters.put("querystring", query);
      parameters.put("header", headers);
    }

    public String getBody() {
      return body;
    }

    public Map<String, Map<String, String>> params() {
      return parameters;
    }

    /** A member of the body: `$.name` is all of JSONPath that is known here. */
    public Object path(String path) throws JsonProcessingException {
      if (!path.matches("\\$\\.[A-Za-z_][A-Za-z0-9_]*")) throw new IllegalArgumentException(path);
      JsonNode member = JSON.readTree(body).path(path.substring(2));
      return member.isMissingNode() || member.isNull() ? null : member.asText();
    }
  }

  /** `$util`. */
  public static final class Util {
    public String urlEncode(String text) {
      return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    public String escapeJavaScript(String text) {
      StringBuilder escaped = new StringBuilder();
      for (char unit : text.toCharArray()) {
        if (unit == '"' || unit == '\'' || unit == '\\' || unit == '/') escaped.append('\\').append(unit);
        else if (unit < 0x20 || unit > 0x7f) escaped.append(String.format("\\u%04X", (int) unit));
        else escaped.append(unit);
      }
      return escaped.toString();
    }
  }

  public static void main(String[] args) throws IOException {
    VelocityEngine engine = new VelocityEngine();
    // Velocity 1 would write a file.
    engine.setProperty("runtime.log.logsystem.class", "org.apache.velocity.runtime.log.NullLogChute");
    engine.init();
    Lines.answer(line -> {
      try {
        return evaluate(engine, line);
      } catch (RuntimeException | StackOverflowError error) {
        return part("error", error.toString());
      }
    });
  }

  private static String evaluate(VelocityEngine engine, String line) {
    String template = "";
    String body = "";
    Map<String, String> query = new LinkedHashMap<>();
    Map<String, String> headers = new LinkedHashMap<>();
    Map<String, Object> context = new HashMap<>();
    Map<String, Object> override = new HashMap<>();
    Map<String, Object> path = new LinkedHashMap<>();
    context.put("responseOverride", override);
    context.put("requestOverride", new HashMap<>(Map.of("path", path)));
    for (String question : line.split(" ")) {
      String[] texts = question.split(":", -1);
      String first = decoded(texts[1]);
      String second = texts.length > 2 ? decoded(texts[2]) : "";
      switch (texts[0]) {
        case "template" -> template = first;
        case "body" -> body = first;
        case "query" -> query.put(first, second);
        case "header" -> headers.put(first, second);
        case "path" -> path.put(first, second);
        default -> context.put(first, second);
      }
    }
    VelocityContext variables = new VelocityContext();
    variables.put("input", new Input(body, query, headers));
    variables.put("util", new Util());
    variables.put("context", context);
    StringWriter output = new StringWriter();
    engine.evaluate(variables, output, "template", template);
    List<String> parts = new ArrayList<>();
    parts.add(part("output", output.toString()));
    Object status = override.get("status");
    if (status != null) parts.add(part("status", status.toString()));
    path.forEach((name, value) -> parts.add(part("path", name) + ":" + encoded(value.toString())));
    return String.join(" ", parts);
  }

  private static String part(String key, String text) {
    return key + ":" + encoded(text);
  }

  private static String encoded(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String decoded(String text) {
    return new String(Base64.getDecoder().decode(text), StandardCharsets.UTF_8);
  }

  private VelocityTemplates() {}
}
