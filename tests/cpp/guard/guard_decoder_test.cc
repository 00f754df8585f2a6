// Every operation of the decoder reads nothing beyond the slack of its input, and writes nothing outside of the
// columns' memory, whatever the data is.
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "decode/locate.h"
#include "guard/decoder_samples.h"
#include "guard_page.h"

namespace jetliner {
namespace {

using Exact = GuardedInput::Exact;

constexpr uint8_t kFills[] = {0x00, 0x80, 0xff};  // of the slack
constexpr uint8_t kBytes[] = {0x00, 0x01, 0x02, 0x03, 0x7e, 0x7f, 0x80, 0xff};

class SampleDecoder {
 public:
  explicit SampleDecoder(const DecoderSample& sample) : sample_(sample) {}

  [[nodiscard]] ByteSpan data() const { return ByteSpan(sample_.data.bytes()); }
  [[nodiscard]] Status status() const { return status_; }
  [[nodiscard]] bool is_used_up() const { return is_used_up_; }
  // Rows after a failure.
  [[nodiscard]] size_t rows() const { return columns_.rows(); }

  // Rows as text if all is well; else the outcome.
  std::vector<std::string> decode(ByteSpan bytes, Exact exact, uint8_t fill, ByteSpan rest = {}, size_t num_rows = 1) {
    const ByteSpan data = input_.put(bytes, exact, fill, rest);
    const uint8_t* const end = data.data() + data.size();
    columns_.clear();
    columns_.reserve(num_rows);
    row_starts_.resize(num_rows);
    decoder_.note_row_starts(row_starts_.data());
    decoder_.start_block(data.size());
    const Decoder::Result result = decoder_.decode(data.data(), end, num_rows);
    status_ = result.status;
    if (status_ == Status::kOk) {
      EXPECT_GE(result.next, data.data());
      EXPECT_LE(result.next, end);
      is_used_up_ = result.next == end;
      return chunk_rows(columns_.finish());
    }
    EXPECT_LT(result.rows, num_rows);
    EXPECT_GE(result.where, data.data());
    EXPECT_LE(result.where, end);
    // Whoever reports the failure walks the rows again.
    const Located located = locate(*plan_->schema, data.data(), end, result.rows);
    if (located.row != nullptr) {
      EXPECT_GE(located.row, data.data());
      EXPECT_LE(located.row, end);
    }
    return {outcome(*plan_, result)};
  }

 private:
  const DecoderSample& sample_;
  const std::shared_ptr<const Plan> plan_ = sample_.plan();
  ColumnSet columns_{plan_->columns};
  Decoder decoder_{*plan_, columns_};
  std::vector<const uint8_t*> row_starts_;
  GuardedInput input_{2 * sample_.data.size()};
  Status status_ = Status::kOk;
  bool is_used_up_ = false;
};

class GuardDecoder : public testing::TestWithParam<SampleGroup> {};

TEST_P(GuardDecoder, WholeRow) {
  for (const DecoderSample& sample : GetParam().samples) {
    SCOPED_TRACE(sample.name);
    SampleDecoder decoder(sample);
    const std::vector<std::string> row = decoder.decode(decoder.data(), Exact::kEnd, 0xff);
    ASSERT_EQ(decoder.status(), Status::kOk) << row.at(0);
    EXPECT_EQ(row.size(), 1U);
    EXPECT_TRUE(decoder.is_used_up());
    for (const uint8_t fill : kFills) {
      EXPECT_EQ(decoder.decode(decoder.data(), Exact::kEnd, fill), row);
      EXPECT_EQ(decoder.decode(decoder.data(), Exact::kBegin, fill), row);
    }
  }
}

TEST_P(GuardDecoder, CutAtEveryByte) {
  for (const DecoderSample& sample : GetParam().samples) {
    SCOPED_TRACE(sample.name);
    SampleDecoder decoder(sample);
    for (size_t cut = 0; cut < decoder.data().size(); ++cut) {
      const ByteSpan part = decoder.data().first(cut);
      // The rest of the row lies behind the end: an operation that reads on finds what it looks for.
      const ByteSpan rest = decoder.data().subspan(cut);
      const std::vector<std::string> first = decoder.decode(part, Exact::kEnd, 0x00, rest);
      EXPECT_NE(decoder.status(), Status::kOk) << cut;
      EXPECT_EQ(decoder.decode(part, Exact::kBegin, 0x00, rest), first) << cut;
      for (const uint8_t fill : kFills) EXPECT_EQ(decoder.decode(part, Exact::kEnd, fill), first) << cut;
    }
  }
}

TEST_P(GuardDecoder, SecondRowCutAtEveryByte) {
  for (const DecoderSample& sample : GetParam().samples) {
    SCOPED_TRACE(sample.name);
    SampleDecoder decoder(sample);
    const Bytes twice = Values().append(sample.data).append(sample.data).bytes();
    for (size_t cut = sample.data.size(); cut < twice.size(); ++cut) {
      (void)decoder.decode(ByteSpan(twice).first(cut), Exact::kEnd, 0xff, {}, 2);
      EXPECT_NE(decoder.status(), Status::kOk) << cut;
      EXPECT_EQ(decoder.rows(), 1U) << cut;
    }
    EXPECT_EQ(decoder.decode(ByteSpan(twice), Exact::kEnd, 0xff, {}, 2).size(), 2U);
  }
}

// Lengths, counts and branches become wrong, as far as a byte can make them so.
TEST_P(GuardDecoder, EveryByteChanged) {
  for (const DecoderSample& sample : GetParam().samples) {
    SCOPED_TRACE(sample.name);
    SampleDecoder decoder(sample);
    for (size_t at = 0; at < sample.data.size(); ++at) {
      for (const uint8_t byte : kBytes) {
        Bytes damaged = sample.data.bytes();
        damaged[at] = byte;
        const std::vector<std::string> first = decoder.decode(damaged, Exact::kEnd, 0x00);
        EXPECT_EQ(decoder.decode(damaged, Exact::kBegin, 0xff), first) << at;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Operations, GuardDecoder, testing::ValuesIn(decoder_samples()),
                         [](const auto& info) { return info.param.name; });

TEST(GuardDecoderSamples, HaveEveryOperation) {
  static const char* const kNames[] = {
#define JETLINER_OP_PAIR(name) #name, "Nullable" #name,
      JETLINER_LEAF_OPS(JETLINER_OP_PAIR)
#undef JETLINER_OP_PAIR
  };
  std::set<OpCode> codes;
  for (const SampleGroup& group : decoder_samples()) {
    for (const DecoderSample& sample : group.samples) {
      const std::shared_ptr<const Plan> plan = sample.plan();
      for (const Op& op : plan->ops) codes.insert(op.code);
    }
  }
  for (size_t i = 0; i <= static_cast<size_t>(OpCode::kEnd); ++i) {
    EXPECT_TRUE(codes.contains(static_cast<OpCode>(i)))
        << "operation " << i << (i < std::size(kNames) ? std::string(" ") + kNames[i] : std::string());
  }
}

}  // namespace
}  // namespace jetliner
