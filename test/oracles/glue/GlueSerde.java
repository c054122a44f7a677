import com.amazonaws.services.schemaregistry.common.configs.GlueSchemaRegistryConfiguration;
import com.amazonaws.services.schemaregistry.deserializers.GlueSchemaRegistryDeserializerDataParser;
import com.amazonaws.services.schemaregistry.deserializers.GlueSchemaRegistryKafkaDeserializer;
import com.amazonaws.services.schemaregistry.serializers.GlueSchemaRegistryKafkaSerializer;
import com.amazonaws.services.schemaregistry.serializers.SerializationDataEncoder;
import com.amazonaws.services.schemaregistry.utils.AWSSchemaRegistryConstants;
import com.amazonaws.services.schemaregistry.utils.AvroRecordType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.UUID;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.Encoder;
import org.apache.avro.io.EncoderFactory;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.services.glue.model.DataFormat;

/**
 * Frames values and takes them apart by AWS's library for the Glue Schema Registry, whose endpoint and region are the
 * arguments. Questions are words between tabs; bytes are hexadecimal, a compression is NONE or ZLIB.
 *
 * <ul>
 *   <li>{@code frame, compression, schema version id, data}: the framed value
 *   <li>{@code unframe, value}: schema version id and data, or REFUSED and why
 *   <li>{@code serialize, compression, topic, schema, data}: what the Kafka serializer writes of the record in the data
 *   <li>{@code deserialize, topic, value}: the data of the record that the Kafka deserializer reads
 * </ul>
 *
 * <p>Where the library throws, the answer is FAILED and its message.
 */
public final class GlueSerde {
  private static final HexFormat HEX = HexFormat.of();
  private static final AwsCredentialsProvider ANY =
      StaticCredentialsProvider.create(AwsBasicCredentials.create("any", "any"));

  private final Map<String, Object> configuration = new HashMap<>();
  private final Map<String, GlueSchemaRegistryKafkaSerializer> serializers = new HashMap<>();
  private final GlueSchemaRegistryKafkaDeserializer deserializer;

  public static void main(String[] arguments) throws Exception {
    Lines.answer(new GlueSerde(arguments[0], arguments[1])::answer);
  }

  private GlueSerde(String endpoint, String region) {
    configuration.put(AWSSchemaRegistryConstants.AWS_ENDPOINT, endpoint);
    configuration.put(AWSSchemaRegistryConstants.AWS_REGION, region);
    configuration.put(AWSSchemaRegistryConstants.SCHEMA_AUTO_REGISTRATION_SETTING, true);
    configuration.put(AWSSchemaRegistryConstants.DATA_FORMAT, DataFormat.AVRO.name());
    configuration.put(AWSSchemaRegistryConstants.AVRO_RECORD_TYPE, AvroRecordType.GENERIC_RECORD.getName());
    deserializer = new GlueSchemaRegistryKafkaDeserializer(ANY, configuration);
    deserializer.configure(configuration, false);
  }

  private String answer(String line) {
    String[] words = line.split("\t", -1);
    try {
      switch (words[0]) {
        case "frame":
          SerializationDataEncoder encoder =
              new SerializationDataEncoder(new GlueSchemaRegistryConfiguration(with(words[1])));
          return HEX.formatHex(encoder.write(HEX.parseHex(words[3]), UUID.fromString(words[2])));
        case "unframe":
          return unframe(HEX.parseHex(words[1]));
        case "serialize":
          return HEX.formatHex(
              serializers
                  .computeIfAbsent(words[1], this::serializer)
                  .serialize(words[2], record(new Schema.Parser().parse(words[3]), HEX.parseHex(words[4]))));
        case "deserialize":
          return HEX.formatHex(data((GenericRecord) deserializer.deserialize(words[1], HEX.parseHex(words[2]))));
        default:
          return "FAILED there is no question " + words[0];
      }
    } catch (IOException | RuntimeException failure) {
      return "FAILED " + failure + (failure.getCause() == null ? "" : ": " + failure.getCause());
    }
  }

  private static String unframe(byte[] value) {
    GlueSchemaRegistryDeserializerDataParser parser = GlueSchemaRegistryDeserializerDataParser.getInstance();
    StringBuilder why = new StringBuilder();
    if (!parser.isDataCompatible(ByteBuffer.wrap(value), why)) return "REFUSED " + why;
    return parser.getSchemaVersionId(ByteBuffer.wrap(value))
        + "\t"
        + HEX.formatHex(parser.getPlainData(ByteBuffer.wrap(value)));
  }

  private GlueSchemaRegistryKafkaSerializer serializer(String compression) {
    Map<String, Object> with = with(compression);
    GlueSchemaRegistryKafkaSerializer serializer = new GlueSchemaRegistryKafkaSerializer(ANY, null, with);
    serializer.configure(with, false);
    return serializer;
  }

  private Map<String, Object> with(String compression) {
    Map<String, Object> with = new HashMap<>(configuration);
    with.put(AWSSchemaRegistryConstants.COMPRESSION_TYPE, compression);
    return with;
  }

  private static GenericRecord record(Schema schema, byte[] data) throws IOException {
    return new GenericDatumReader<GenericRecord>(schema)
        .read(null, DecoderFactory.get().binaryDecoder(data, null));
  }

  private static byte[] data(GenericRecord record) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    Encoder encoder = EncoderFactory.get().binaryEncoder(bytes, null);
    new GenericDatumWriter<GenericRecord>(record.getSchema()).write(record, encoder);
    encoder.flush();
    return bytes.toByteArray();
  }
}
