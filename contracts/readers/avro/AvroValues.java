import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.Encoder;
import org.apache.avro.io.EncoderFactory;

/**
 * Reads and writes Avro data, one question in JSON a line; contracts/readers/avro-lines.ts has the protocol. See {@link
 * EdgeJson} for values.
 */
public final class AvroValues {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  /**
   * The library has two readers, and each stumbles where the other does not (1.12.1): the fast one over a default that is
   * an empty array where the field is a union ("Not an array"), this one over some records within themselves.
   */
  private static final GenericData CLASSIC = new GenericData();

  static {
    CLASSIC.setFastReaderEnabled(false);
  }

  /** One of a line's values as its answer. */
  private interface Convert {
    JsonNode convert(JsonNode item) throws IOException;
  }

  public static void main(String[] arguments) throws Exception {
    Lines.answer(AvroValues::answerApart);
  }

  /**
   * Answers in a thread of its own: Avro's reader remembers every pair of schemas for as long as its thread lives, and a
   * long run asks about hundreds of thousands.
   */
  private static String answerApart(String line) {
    FutureTask<String> answer = new FutureTask<>(() -> answer(line));
    // With room for values that nest as deep as a body may.
    new Thread(null, answer, "answer", 64L << 20).start();
    try {
      return answer.get();
    } catch (InterruptedException | ExecutionException failure) {
      throw new IllegalStateException(failure);
    }
  }

  private static String answer(String line) {
    try {
      JsonNode question = MAPPER.readTree(line);
      Schema writer = schema(question.get("writer"));
      ObjectNode answer =
          question.has("bytes")
              ? each("values", question.get("bytes"), decoder(writer, schema(question.get("reader"))))
              : each("bytes", question.get("values"), encoder(writer, question.path("blocks").booleanValue()));
      return MAPPER.writeValueAsString(answer);
    } catch (IOException | RuntimeException | StackOverflowError failure) {
      return JSON.objectNode().put("error", failure.toString()).toString();
    }
  }

  /** The answers to all items; the first failure is told with its index. */
  private static ObjectNode each(String name, JsonNode items, Convert convert) {
    ArrayNode answers = JSON.arrayNode();
    for (JsonNode item : items) {
      try {
        answers.add(convert.convert(item));
      } catch (IOException | RuntimeException | StackOverflowError failure) {
        return JSON.objectNode().put("error", failure.toString()).put("index", answers.size());
      }
    }
    return JSON.objectNode().set(name, answers);
  }

  private static Convert decoder(Schema writer, Schema reader) {
    GenericDatumReader<Object> fast = new GenericDatumReader<>(writer, reader);
    GenericDatumReader<Object> classic = new GenericDatumReader<>(writer, reader, CLASSIC);
    return item -> {
      try {
        return decode(fast, reader, item.binaryValue());
      } catch (RuntimeException failure) {
        return decode(classic, reader, item.binaryValue());
      }
    };
  }

  private static JsonNode decode(GenericDatumReader<Object> values, Schema reader, byte[] bytes) throws IOException {
    BinaryDecoder decoder = DecoderFactory.get().binaryDecoder(bytes, null);
    Object value = values.read(null, decoder);
    if (!decoder.isEnd()) throw new IOException("bytes are left");
    return EdgeJson.write(reader, value);
  }

  private static Convert encoder(Schema schema, boolean blocks) {
    GenericDatumWriter<Object> values = new GenericDatumWriter<>(schema);
    return item -> {
      Object value = EdgeJson.read(schema, item);
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      Encoder encoder =
          blocks
              ? new EncoderFactory().configureBlockSize(64).blockingBinaryEncoder(bytes, null)
              : EncoderFactory.get().binaryEncoder(bytes, null);
      values.write(value, encoder);
      encoder.flush();
      return JSON.binaryNode(bytes.toByteArray());
    };
  }

  private static Schema schema(JsonNode definition) {
    return new Schema.Parser().parse(definition.toString());
  }

  private AvroValues() {}
}
