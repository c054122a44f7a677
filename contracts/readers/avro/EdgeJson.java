import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.TemporalAccessor;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.avro.Conversion;
import org.apache.avro.Conversions;
import org.apache.avro.LogicalType;
import org.apache.avro.Schema;
import org.apache.avro.data.TimeConversions;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericFixed;
import org.apache.avro.generic.IndexedRecord;

/**
 * Avro's generic values as the JSON of docs/json-mapping.md and back, but for one thing: here every value of a union is
 * tagged with its branch (null is not), so that the branch is compared, too. What a logical type means is left to Avro's
 * own conversions.
 */
final class EdgeJson {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final GenericData PLAIN = GenericData.get();
  private static final GenericData LOGICAL = new GenericData();
  private static final long MAX_SAFE = (1L << 53) - 1;

  static {
    LOGICAL.addLogicalTypeConversion(new Conversions.DecimalConversion());
    LOGICAL.addLogicalTypeConversion(new Conversions.UUIDConversion());
    LOGICAL.addLogicalTypeConversion(new TimeConversions.DateConversion());
    LOGICAL.addLogicalTypeConversion(new TimeConversions.TimeMillisConversion());
    LOGICAL.addLogicalTypeConversion(new TimeConversions.TimeMicrosConversion());
    LOGICAL.addLogicalTypeConversion(new TimeConversions.TimestampMillisConversion());
    LOGICAL.addLogicalTypeConversion(new TimeConversions.TimestampMicrosConversion());
    LOGICAL.addLogicalTypeConversion(new TimeConversions.TimestampNanosConversion());
    LOGICAL.addLogicalTypeConversion(new TimeConversions.LocalTimestampMillisConversion());
    LOGICAL.addLogicalTypeConversion(new TimeConversions.LocalTimestampMicrosConversion());
    LOGICAL.addLogicalTypeConversion(new TimeConversions.LocalTimestampNanosConversion());
  }

  /** JSON of a value that was read without conversions. */
  static JsonNode write(Schema schema, Object value) {
    Conversion<?> conversion = conversionOf(schema);
    if (conversion != null) {
      LogicalType type = schema.getLogicalType();
      return JSON.textNode(text(type, Conversions.convertToLogicalType(value, schema, type, conversion)));
    }
    switch (schema.getType()) {
      case NULL:
        return JSON.nullNode();
      case BOOLEAN:
        return JSON.booleanNode((Boolean) value);
      case INT:
        return JSON.numberNode((Integer) value);
      case LONG:
        long number = (Long) value;
        // Not by Math.abs, by which the least long stays below zero.
        return -MAX_SAFE <= number && number <= MAX_SAFE ? JSON.numberNode(number) : JSON.textNode(String.valueOf(number));
      case FLOAT:
        float single = (Float) value;
        return Float.isFinite(single) ? JSON.numberNode(single) : JSON.textNode(String.valueOf(single));
      case DOUBLE:
        double real = (Double) value;
        return Double.isFinite(real) ? JSON.numberNode(real) : JSON.textNode(String.valueOf(real));
      case BYTES:
        byte[] bytes = new byte[((ByteBuffer) value).remaining()];
        ((ByteBuffer) value).duplicate().get(bytes);
        return JSON.textNode(Base64.getEncoder().encodeToString(bytes));
      case FIXED:
        return JSON.textNode(Base64.getEncoder().encodeToString(((GenericFixed) value).bytes()));
      case STRING:
      case ENUM:
        return JSON.textNode(value.toString());
      case ARRAY:
        ArrayNode items = JSON.arrayNode();
        for (Object item : (Iterable<?>) value) items.add(write(schema.getElementType(), item));
        return items;
      case MAP:
        ObjectNode entries = JSON.objectNode();
        ((Map<?, ?>) value)
            .forEach((key, item) -> entries.set(key.toString(), write(schema.getValueType(), item)));
        return entries;
      case RECORD:
        ObjectNode members = JSON.objectNode();
        for (Schema.Field field : schema.getFields())
          members.set(field.name(), write(field.schema(), ((IndexedRecord) value).get(field.pos())));
        return members;
      case UNION:
        Schema branch = schema.getTypes().get(PLAIN.resolveUnion(schema, value));
        return value == null ? JSON.nullNode() : JSON.objectNode().set(branch.getFullName(), write(branch, value));
      default:
        throw new IllegalArgumentException("no such type: " + schema.getType());
    }
  }

  /** A value without conversions, from its JSON. */
  static Object read(Schema schema, JsonNode json) throws IOException {
    Conversion<?> conversion = conversionOf(schema);
    if (conversion != null) {
      LogicalType type = schema.getLogicalType();
      Object meaning = meaning(type, json.textValue());
      if (type.getName().endsWith("timestamp-nanos")) return nanos(meaning);
      return Conversions.convertToRawType(meaning, schema, type, conversion);
    }
    switch (schema.getType()) {
      case NULL:
        return null;
      case BOOLEAN:
        return json.booleanValue();
      case INT:
        return json.intValue();
      case LONG:
        return Long.parseLong(json.asText());
      case FLOAT:
        return json.isTextual() ? Float.valueOf(json.textValue()) : Float.valueOf(json.floatValue());
      case DOUBLE:
        return json.isTextual() ? Double.valueOf(json.textValue()) : Double.valueOf(json.doubleValue());
      case BYTES:
        return ByteBuffer.wrap(json.binaryValue());
      case FIXED:
        return new GenericData.Fixed(schema, json.binaryValue());
      case STRING:
        return json.textValue();
      case ENUM:
        return new GenericData.EnumSymbol(schema, json.textValue());
      case ARRAY:
        List<Object> items = new ArrayList<>();
        for (JsonNode item : json) items.add(read(schema.getElementType(), item));
        return items;
      case MAP:
        Map<String, Object> entries = new HashMap<>();
        for (Map.Entry<String, JsonNode> entry : json.properties())
          entries.put(entry.getKey(), read(schema.getValueType(), entry.getValue()));
        return entries;
      case RECORD:
        IndexedRecord record = new GenericData.Record(schema);
        for (Schema.Field field : schema.getFields())
          record.put(field.pos(), read(field.schema(), json.get(field.name())));
        return record;
      case UNION:
        if (json.isNull()) return null;
        Map.Entry<String, JsonNode> tagged = json.properties().iterator().next();
        for (Schema branch : schema.getTypes())
          if (branch.getFullName().equals(tagged.getKey())) return read(branch, tagged.getValue());
        throw new IllegalArgumentException("no branch is called " + tagged.getKey());
      default:
        throw new IllegalArgumentException("no such type: " + schema.getType());
    }
  }

  /** Avro 1.12.1's own conversion is wrong before 1970, where it is no whole second (AVRO-4269). */
  private static long nanos(Object meaning) {
    Instant instant =
        meaning instanceof Instant ? (Instant) meaning : ((LocalDateTime) meaning).toInstant(ZoneOffset.UTC);
    return BigInteger.valueOf(instant.getEpochSecond())
        .multiply(BigInteger.valueOf(1_000_000_000))
        .add(BigInteger.valueOf(instant.getNano()))
        .longValueExact();
  }

  private static Conversion<?> conversionOf(Schema schema) {
    return schema.getLogicalType() == null ? null : LOGICAL.getConversionFor(schema.getLogicalType());
  }

  private static String text(LogicalType type, Object meaning) {
    if (meaning instanceof BigDecimal) return ((BigDecimal) meaning).toPlainString();
    if (meaning instanceof Instant)
      return formatter(type, "uuuu-MM-dd'T'HH:mm:ss").format(((Instant) meaning).atOffset(ZoneOffset.UTC)) + "Z";
    if (meaning instanceof LocalDateTime)
      return formatter(type, "uuuu-MM-dd'T'HH:mm:ss").format((TemporalAccessor) meaning);
    if (meaning instanceof LocalTime) return formatter(type, "HH:mm:ss").format((TemporalAccessor) meaning);
    return meaning.toString();
  }

  private static DateTimeFormatter formatter(LogicalType type, String seconds) {
    int digits = type.getName().endsWith("millis") ? 3 : type.getName().endsWith("micros") ? 6 : 9;
    return DateTimeFormatter.ofPattern(seconds + "." + "S".repeat(digits));
  }

  private static Object meaning(LogicalType type, String text) {
    switch (type.getName()) {
      case "decimal":
        return new BigDecimal(text);
      case "uuid":
        return UUID.fromString(text);
      case "date":
        return LocalDate.parse(text);
      case "time-millis":
      case "time-micros":
        return LocalTime.parse(text);
      default:
        return type.getName().startsWith("local-") ? LocalDateTime.parse(text) : Instant.parse(text);
    }
  }

  private EdgeJson() {}
}
