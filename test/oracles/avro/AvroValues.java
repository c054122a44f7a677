import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.HexFormat;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.Encoder;
import org.apache.avro.io.EncoderFactory;

/**
 * Reads and writes Avro data, one question in JSON a line.
 *
 * <p>{@code {"writer": schema, "reader": schema, "bytes": hex}} is answered by {@code {"value": ...}}; without a reader,
 * the writer's schema is it. {@code {"writer": schema, "value": ..., "blocks": boolean}} is answered by
 * {@code {"bytes": hex}}; with blocks, long arrays and maps are written in several, each with its size. Either may be
 * answered by {@code {"error": message}}. See {@link EdgeJson} for values.
 */
public final class AvroValues {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  public static void main(String[] arguments) throws Exception {
    Lines.answer(AvroValues::answer);
  }

  private static String answer(String line) {
    try {
      JsonNode question = MAPPER.readTree(line);
      Schema writer = schema(question.get("writer"));
      JsonNode answer =
          question.has("bytes")
              ? JsonNodeFactory.instance.objectNode().set("value", read(writer, question))
              : JsonNodeFactory.instance.objectNode().put("bytes", write(writer, question));
      return MAPPER.writeValueAsString(answer);
    } catch (IOException | RuntimeException | StackOverflowError failure) {
      return JsonNodeFactory.instance.objectNode().put("error", failure.toString()).toString();
    }
  }

  private static JsonNode read(Schema writer, JsonNode question) throws IOException {
    Schema reader = question.has("reader") ? schema(question.get("reader")) : writer;
    byte[] bytes = HexFormat.of().parseHex(question.get("bytes").textValue());
    BinaryDecoder decoder = DecoderFactory.get().binaryDecoder(bytes, null);
    Object value = new GenericDatumReader<>(writer, reader).read(null, decoder);
    if (!decoder.isEnd()) throw new IOException("bytes are left");
    return EdgeJson.write(reader, value);
  }

  private static String write(Schema writer, JsonNode question) throws IOException {
    Object value = EdgeJson.read(writer, question.get("value"));
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    Encoder encoder =
        question.path("blocks").booleanValue()
            ? new EncoderFactory().configureBlockSize(64).blockingBinaryEncoder(bytes, null)
            : EncoderFactory.get().binaryEncoder(bytes, null);
    new GenericDatumWriter<>(writer).write(value, encoder);
    encoder.flush();
    return HexFormat.of().formatHex(bytes.toByteArray());
  }

  private static Schema schema(JsonNode definition) {
    return new Schema.Parser().parse(definition.toString());
  }

  private AvroValues() {}
}
