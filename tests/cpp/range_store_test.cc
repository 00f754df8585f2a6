// Objects that come in ranges: the same bytes as from memory, few requests, and no end of data where there is none.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "avro_writer.h"
#include "container/block_framer.h"
#include "read_all.h"
#include "served_objects.h"

namespace jetliner {
namespace {

using namespace std::chrono_literals;

const std::string kSchema = record_json(field_json("n", "\"long\"") + "," + field_json("s", "\"string\""));

// Rows n = first, first + 1, ...; each block has 100 of them.
Bytes file_of(int64_t first, int64_t num_rows, std::string_view codec = "null") {
  AvroFile file(kSchema, std::string(codec));
  for (int64_t at = first; at < first + num_rows; at += 100) {
    const int64_t count = std::min<int64_t>(100, first + num_rows - at);
    Values rows;
    for (int64_t n = at; n < at + count; ++n) rows.number(n).string("text " + std::to_string(n * 7919));
    file.block(count, rows);
  }
  return file.bytes();
}

ReadOutcome read_served(ServedObjects& served, const std::vector<std::string>& paths, const ReadOptions& options = {}) {
  ReadOutcome outcome;
  try {
    Reader reader(paths, options, served.opener());
    for (Batch batch; reader.next(batch);) {
      for (std::string& row : batch_rows(batch)) outcome.rows.push_back(std::move(row));
    }
    outcome.bad_blocks = reader.bad_blocks();
  } catch (const Error& error) {
    outcome.error = error;
  }
  return outcome;
}

RangeStoreOptions small_ranges(size_t first_bytes, size_t chunk_bytes) {
  return {
      .first_bytes = first_bytes, .chunk_bytes = chunk_bytes, .max_requests = 4, .max_ahead_bytes = 8 * chunk_bytes};
}

TEST(RangeStore, GivesTheRowsOfMemory) {
  const Bytes one = file_of(0, 3000);
  const Bytes two = file_of(3000, 2000, "deflate");
  MemoryFiles files;
  files.add("one", one);
  files.add("two", two);
  const std::vector<std::string> rows = read_all(files).rows;
  ASSERT_EQ(rows.size(), 5000U);
  for (const size_t first_bytes : {1, 50, 1000, 1 << 20}) {
    for (const size_t chunk_bytes : {97, 4096, 1 << 20}) {
      for (const size_t n_threads : {1, 2}) {
        ServedObjects served({{"one", one}, {"two", two}}, small_ranges(first_bytes, chunk_bytes));
        const ReadOutcome outcome = read_served(served, {"one", "two"}, {.batch_size = 700, .n_threads = n_threads});
        EXPECT_FALSE(outcome.error.has_value()) << outcome.error->what();
        EXPECT_EQ(outcome.rows, rows) << first_bytes << ' ' << chunk_bytes << ' ' << n_threads;
      }
    }
  }
}

TEST(RangeStore, LendsWhatItFetched) {
  const Bytes bytes = file_of(0, 5000);
  std::mt19937 random(3);  // NOLINT(cert-msc51-cpp): the same places each time
  for (int round = 0; round < 20; ++round) {
    ServedObjects served({{"a", bytes}}, small_ranges(1 + random() % 500, 1 + random() % 9000));
    std::vector<std::pair<uint64_t, LentBytes>> lent;
    {
      const std::unique_ptr<Source> source = served.store.open("a");
      for (uint64_t offset = 0; offset < bytes.size();) {
        LentBytes piece = source->lend(offset, 1000);
        ASSERT_FALSE(piece.bytes.empty());  // from front to back
        const uint64_t next = offset + 1 + random() % piece.bytes.size();
        lent.emplace_back(offset, std::move(piece));
        offset = next;
      }
    }
    // They stay when the source is gone.
    for (const auto& [offset, piece] : lent) {
      ASSERT_LE(piece.bytes.size(), bytes.size() - offset);
      EXPECT_EQ(std::memcmp(piece.bytes.data(), bytes.data() + offset, piece.bytes.size()), 0);
    }
  }
}

TEST(RangeStore, NothingIsLentElsewhere) {
  const Bytes bytes = file_of(0, 5000);
  ServedObjects served({{"a", bytes}}, small_ranges(100, 1000));
  const std::unique_ptr<Source> source = served.store.open("a");
  EXPECT_TRUE(source->lend(bytes.size() / 2, 100).bytes.empty());
  EXPECT_TRUE(source->lend(bytes.size(), 100).bytes.empty());
  EXPECT_EQ(served.requests().size(), 1U);
}

TEST(RangeStore, PartsMustHaveTheBytesOfTheRange) {
  for (const size_t wrong_bytes : {size_t{99}, size_t{101}}) {
    ServedObjects served({{"a", Bytes(1000)}}, small_ranges(100, 100));
    served.set_fault([&](RangeJob& job, size_t) {
      const auto bytes = std::make_shared<const Bytes>(wrong_bytes);
      job.succeed({{*bytes, bytes}}, {.object_bytes = 1000});
      return true;
    });
    const std::unique_ptr<Source> source = served.store.open("a");
    Bytes out(200);
    EXPECT_THROW(source->read_at(0, out), Error) << wrong_bytes;
  }
}

// Frames the blocks of an object that start before `stop_offset`.
std::vector<Unit> units_of(Source& source, FramerOptions options, uint64_t start_offset = 0) {
  const Header header = read_header(source, 4096);
  source.set_soft_end(options.stop_offset);
  BlockFramer framer(source, header, options, {.offset = std::max(start_offset, header.size_bytes)});
  std::vector<Unit> units;
  for (Unit unit; framer.next(unit);) units.push_back(std::exchange(unit, Unit()));
  return units;
}

uint64_t end_of_requests(const ServedObjects& served) {
  uint64_t end = 0;
  for (const WantedRange& range : served.requests()) end = std::max(end, range.offset + range.bytes);
  return end;
}

TEST(RangeStore, APartFetchesNoMoreThanItsLastBlock) {
  const Bytes bytes = file_of(0, 200'000);
  const std::vector<Unit> all = units_of(*open_memory(bytes), {});
  const uint64_t later_block = all[2].blocks[0].file_offset;
  for (const uint64_t start_offset : {uint64_t{0}, later_block}) {
    for (const uint64_t part_bytes : {5'000, 70'000, 1'000'000}) {
      ServedObjects served({{"a", bytes}}, {.first_bytes = 1000});
      const std::unique_ptr<Source> source = served.store.open("a");
      const std::vector<Unit> units = units_of(*source, {.stop_offset = start_offset + part_bytes}, start_offset);
      const BlockRef& last = units.back().blocks.back();
      EXPECT_LT(last.file_offset, start_offset + part_bytes);
      EXPECT_EQ(end_of_requests(served), last.file_offset + last.block_bytes) << start_offset << ' ' << part_bytes;
    }
  }
}

TEST(RangeStore, AsksForNoMoreRangesAtATimeThanAllowed) {
  ServedObjects served({{"a", file_of(0, 200'000)}}, {.chunk_bytes = 64 << 10, .max_requests = 1});
  const std::unique_ptr<Source> source = served.store.open("a");
  source->will_need(source->size() / 2, source->size() / 2);
  std::this_thread::sleep_for(20ms);
  EXPECT_EQ(served.requests().size(), 2U);  // with the one for the head
}

TEST(RangeStore, APartWithoutBlocksFetchesNothing) {
  const Bytes bytes = file_of(0, 200'000);
  ServedObjects served({{"a", bytes}});
  const std::unique_ptr<Source> source = served.store.open("a");
  EXPECT_TRUE(units_of(*source, {.stop_offset = 100'000}, 110'000).empty());
  EXPECT_EQ(served.requests().size(), 1U);  // for the header
}

// A block of 19 bytes is smaller than the longest head of a block.
TEST(RangeStore, TheSmallestBlocksComeInLargeUnits) {
  AvroFile file("\"boolean\"");
  for (int i = 0; i < 50'000; ++i) file.block(1, Values().boolean(true));
  ServedObjects served({{"a", file.bytes()}});
  const std::unique_ptr<Source> source = served.store.open("a");
  EXPECT_LE(units_of(*source, {}).size(), 200U);
}

// After damage markers are looked for before blocks are read.
TEST(RangeStore, AfterDamageNothingIsFetchedTwice) {
  Bytes bytes = file_of(0, 200'000);
  std::fill_n(bytes.begin() + 2000, 4000, uint8_t{0xff});
  ServedObjects served({{"a", bytes}}, small_ranges(10'000, 100'000));
  const std::unique_ptr<Source> source = served.store.open("a");
  const std::vector<Unit> units = units_of(*source, {.recover = true});
  EXPECT_GT(units.size(), 5U);
  EXPECT_LE(served.bytes_served(), bytes.size());
  EXPECT_LE(served.requests().size(), bytes.size() / 100'000 + 6);
}

TEST(RangeStore, ReadsAnyPlaceInAnyOrder) {
  const Bytes bytes = file_of(0, 2000);
  std::mt19937 random(7);  // NOLINT(cert-msc51-cpp): the same places each time
  for (int round = 0; round < 20; ++round) {
    ServedObjects served({{"a", bytes}}, small_ranges(1 + random() % 500, 1 + random() % 3000));
    const std::unique_ptr<Source> source = served.store.open("a");
    EXPECT_EQ(source->size(), bytes.size());
    uint64_t position = 0;
    for (int i = 0; i < 300; ++i) {
      const bool in_turn = random() % 4 != 0;
      const uint64_t offset = in_turn ? position : random() % (bytes.size() + 10);
      Bytes out(random() % 4000);
      const size_t count = source->read_at(offset, out);
      const size_t expected = offset >= bytes.size() ? 0 : std::min<size_t>(out.size(), bytes.size() - offset);
      ASSERT_EQ(count, expected);
      ASSERT_TRUE(count == 0 || std::memcmp(out.data(), bytes.data() + offset, count) == 0);
      if (in_turn) position = offset + count;
      if (position >= bytes.size()) position = 0;
      if (random() % 10 == 0) source->will_need(random() % bytes.size(), random() % 5000);
    }
  }
}

TEST(RangeStore, TheHeaderTakesOneRequestAndASmallObjectNoMore) {
  ServedObjects served({{"small", file_of(0, 100)}, {"large", file_of(0, 100'000)}});
  {
    Reader reader({"large"}, {}, served.opener());
    EXPECT_EQ(served.requests().size(), 1U);
    EXPECT_EQ(served.bytes_served(), 64U << 10);
  }
  EXPECT_EQ(read_served(served, {"small"}).rows.size(), 100U);
  EXPECT_EQ(served.requests().size(), 2U);
}

TEST(RangeStore, FewRowsFetchLittle) {
  ServedObjects served({{"a", file_of(0, 200'000)}});
  Reader reader({"a"}, {.batch_size = 10, .n_rows = 10}, served.opener());
  Batch batch;
  ASSERT_TRUE(reader.next(batch));
  EXPECT_LT(served.bytes_served(), 1U << 20);
}

TEST(RangeStore, FromFrontToBackRequestsAreLargeAndSeveralAtATime) {
  const Bytes bytes = file_of(0, 400'000);
  ServedObjects served({{"a", bytes}}, {.chunk_bytes = 512 << 10});
  served.set_delay(50ms);  // longer than decoding takes, also under TSan
  Reader reader({"a"}, {}, served.opener());
  uint64_t rows = 0;
  for (Batch batch; reader.next(batch);) rows += batch.num_rows();
  EXPECT_EQ(rows, 400'000U);
  EXPECT_GE(served.most_at_once(), 4U);
  EXPECT_LE(served.requests().size(), bytes.size() / (512 << 10) + 5);
  EXPECT_EQ(served.bytes_served(), bytes.size());  // nothing twice
}

// Their bandwidth is not measured.
TEST(RangeStore, SmallRangesAreFetchedSeveralAtATime) {
  const Bytes bytes = file_of(0, 200'000);
  ServedObjects served({{"a", bytes}}, {.chunk_bytes = 64 << 10});
  served.set_delay(20ms);
  const std::unique_ptr<Source> source = served.store.open("a");
  Bytes out(10'000);
  for (uint64_t offset = 0; offset < bytes.size();) offset += source->read_at(offset, out);
  EXPECT_GE(served.most_at_once(), 6U);
}

TEST(RangeStore, ReadsAheadWithinItsBudget) {
  const Bytes bytes = file_of(0, 300'000);
  ServedObjects served({{"a", bytes}}, {.chunk_bytes = 256 << 10, .max_ahead_bytes = 1 << 20});
  served.set_delay(2ms);
  const std::unique_ptr<Source> source = served.store.open("a");
  Bytes out(100 << 10);
  uint64_t offset = 0;
  while (offset < bytes.size()) {
    offset += source->read_at(offset, out);
    const uint64_t reach = offset + (1 << 20) + (512 << 10);
    EXPECT_LE(served.bytes_served(), reach);
  }
  EXPECT_LE(served.most_at_once(), 6U);
}

// Objects that are opened again are not asked for again.
TEST(RangeStore, OneRequestForEachOfManySmallObjects) {
  std::map<std::string, Bytes> objects;
  std::vector<std::string> paths;
  for (int i = 0; i < 40; ++i) {
    paths.push_back("object" + std::to_string(100 + i));
    objects[paths.back()] = file_of(i * 50, 50);
  }
  ServedObjects served(objects);
  served.set_delay(1ms);
  EXPECT_EQ(read_served(served, paths).rows.size(), 2000U);
  EXPECT_EQ(served.requests().size(), 40U);
  EXPECT_GE(served.most_at_once(), 4U);
}

// The next objects are asked for while one is read.
TEST(RangeStore, OpensObjectsAhead) {
  std::map<std::string, Bytes> objects;
  std::vector<std::string> paths;
  for (int i = 0; i < 20; ++i) {
    paths.push_back("object" + std::to_string(100 + i));
    objects[paths.back()] = file_of(i * 8000, 8000);
  }
  for (const size_t n_threads : {1, 2}) {
    ServedObjects served(objects);
    served.set_delay(5ms);
    Reader reader(paths, {.n_threads = n_threads}, served.opener());
    const size_t headers = served.requests().size();
    EXPECT_EQ(headers, 20U);
    uint64_t rows = 0;
    for (Batch batch; reader.next(batch);) rows += batch.num_rows();
    EXPECT_EQ(rows, 160'000U);
    EXPECT_LE(served.requests().size(), headers + 25);
    EXPECT_GE(served.most_at_once(), 6U);
  }
}

TEST(RangeStore, AnObjectThatFailsAheadFailsInItsTurn) {
  std::map<std::string, Bytes> objects;
  std::vector<std::string> paths;
  for (int i = 0; i < 8; ++i) {
    paths.push_back("object" + std::to_string(i));
    objects[paths.back()] = file_of(i * 8000, 8000);
  }
  ServedObjects served(objects);
  served.set_fault([&](RangeJob& job, size_t) {
    const bool fails = job.range().path == "object5" && job.range().offset > 0;
    if (fails) job.fail(std::make_exception_ptr(Error(ErrorKind::kSource, ErrorVariant::kIo, "reset by peer")));
    return fails;
  });
  const ReadOutcome outcome = read_served(served, paths, {.batch_size = 8000});
  ASSERT_TRUE(outcome.error.has_value());
  EXPECT_GE(outcome.rows.size(), 40'000U);
  EXPECT_LT(outcome.rows.size(), 45'000U);  // the first bytes of the object were there
}

TEST(RangeStore, CountsRows) {
  ServedObjects served({{"a", file_of(0, 200'000)}, {"b", file_of(0, 150, "snappy")}});
  Reader reader({"a", "b"}, {.batch_size = SIZE_MAX, .columns = RowsOnly{}}, served.opener());
  Batch batch;
  size_t rows = 0;
  while (reader.next(batch)) rows += batch.num_rows();
  EXPECT_EQ(rows, 200'150U);
  EXPECT_LE(served.requests().size(), 8U);
}

// Few large blocks: the heads alone are fetched. Many blocks: never a request for each.
TEST(RangeStore, CountsByHeadsOnlyWhereBlocksAreLarge) {
  for (const size_t block_bytes : {size_t{2000}, size_t{400'000}, size_t{8'000'000}}) {
    AvroFile file("\"bytes\"", "null");
    const size_t num_blocks = 48'000'000 / block_bytes;
    for (size_t i = 0; i < num_blocks; ++i) file.block(1, Values().string(std::string(block_bytes, 'x')));
    ServedObjects served({{"a", file.bytes()}}, {.chunk_bytes = 1 << 20});
    served.set_delay(1ms);
    Reader reader({"a"}, {.batch_size = SIZE_MAX, .columns = RowsOnly{}}, served.opener());
    Batch batch;
    ASSERT_TRUE(reader.next(batch));
    EXPECT_EQ(batch.num_rows(), num_blocks);
    EXPECT_LE(served.requests().size(), std::min<size_t>(num_blocks, 48) + 8) << block_bytes;
    EXPECT_LE(served.bytes_served(), file.bytes().size());
  }
}

// A fast store does not fill the memory of a slow reader.
TEST(RangeStore, ASlowReaderFetchesLittleAhead) {
  const Bytes bytes = file_of(0, 400'000);
  ServedObjects served({{"a", bytes}}, {.chunk_bytes = 256 << 10});
  const std::unique_ptr<Source> source = served.store.open("a");
  Bytes out(64 << 10);
  uint64_t offset = 0;
  while (offset < 3 << 20) {
    offset += source->read_at(offset, out);
    std::this_thread::sleep_for(10ms);
    EXPECT_LE(served.bytes_served(), offset + (4 << 18));
  }
}

// Whatever happens to a request, there are all rows or an error, and the rows before the error are right.
TEST(RangeStore, AFailedRequestIsAnErrorAndNeverTheEnd) {
  const Bytes bytes = file_of(0, 20'000);
  const std::vector<std::string> rows = read_all(MemoryFiles(bytes)).rows;
  const auto faults = std::to_array<ServedObjects::Fault>({
      [](RangeJob& job, size_t) {
        job.fail(std::make_exception_ptr(Error(ErrorKind::kSource, ErrorVariant::kIo, "reset by peer")));
        return true;
      },
      [](RangeJob& job, size_t) {
        job.succeed(job.range().bytes / 2, {.object_bytes = 1 << 20});  // cut short
        return true;
      },
      [](RangeJob& job, size_t) {
        job.succeed(0, {});  // an empty object
        return true;
      },
      [](RangeJob&, size_t) { return true; },  // no answer at all
      [&bytes](RangeJob& job, size_t) {
        const uint64_t end = job.range().offset + job.range().bytes;
        job.succeed(job.range().bytes, {.object_bytes = end < bytes.size() ? end : end + 1});  // the object ends here
        return true;
      },
  });
  for (const ServedObjects::Fault& fault : faults) {
    for (size_t failing = 1; failing < 6; ++failing) {
      for (const bool ignore_errors : {false, true}) {
        ServedObjects served({{"a", bytes}}, small_ranges(4 << 10, 64 << 10));
        served.set_fault([&](RangeJob& job, size_t number) { return number == failing && fault(job, number); });
        const ReadOutcome outcome =
            read_served(served, {"a"}, {.batch_size = 1000, .ignore_errors = ignore_errors, .n_threads = 2});
        ASSERT_TRUE(outcome.error.has_value()) << failing;
        EXPECT_EQ(outcome.error->kind(), ErrorKind::kSource);
        EXPECT_EQ(outcome.error->place().path, "a");
        ASSERT_LE(outcome.rows.size(), rows.size());
        EXPECT_TRUE(std::equal(outcome.rows.begin(), outcome.rows.end(), rows.begin()));
        EXPECT_TRUE(outcome.bad_blocks.empty());
      }
    }
  }
}

TEST(RangeStore, AnObjectThatIsReplacedIsAnError) {
  for (const bool has_other_size : {false, true}) {
    ServedObjects served({{"a", file_of(0, 20'000)}}, small_ranges(4 << 10, 64 << 10));
    served.set_fault([&](RangeJob&, size_t number) {
      if (number == 3) served.replace("a", file_of(5, has_other_size ? 21'000 : 20'000), has_other_size ? "" : "v2");
      return false;
    });
    const ReadOutcome outcome = read_served(served, {"a"});
    ASSERT_TRUE(outcome.error.has_value());
    EXPECT_EQ(outcome.error->variant(), ErrorVariant::kChanged);
  }
}

TEST(RangeStore, AFailedFirstRequestIsAnError) {
  ServedObjects served({{"a", file_of(0, 100)}});
  served.set_fault([](RangeJob& job, size_t number) {
    if (number == 0) job.fail(std::make_exception_ptr(Error(ErrorKind::kSource, ErrorVariant::kIo, "reset by peer")));
    return number == 0;
  });
  EXPECT_EQ(read_served(served, {"a"}).error->kind(), ErrorKind::kSource);
  EXPECT_EQ(read_served(served, {"a"}).rows.size(), 100U);  // it is asked for again
}

TEST(RangeStore, AMissingObjectIsNotFound) {
  ServedObjects served({});
  const ReadOutcome outcome = read_served(served, {"a"});
  ASSERT_TRUE(outcome.error.has_value());
  EXPECT_EQ(outcome.error->kind(), ErrorKind::kNotFound);
}

TEST(RangeStore, CloseEndsAPollWhoseFetchersStall) {
  for (const size_t n_threads : {1, 2}) {
    for (const bool rows_only : {false, true}) {
      ServedObjects served({{"a", file_of(0, 20'000)}}, small_ranges(4 << 10, 64 << 10));
      served.set_fault([&](RangeJob&, size_t number) {
        if (number > 2) served.stall();
        return false;
      });
      ReadOptions options{.n_threads = n_threads};
      if (rows_only) options.columns = RowsOnly{};
      Reader reader({"a"}, options, served.opener());
      std::thread closer([&reader] {
        std::this_thread::sleep_for(20ms);
        reader.close();
      });
      Batch batch;
      const auto start = std::chrono::steady_clock::now();
      while (reader.poll(batch, 60s) != Poll::kEnd) {
      }
      EXPECT_LT(std::chrono::steady_clock::now() - start, 30s);
      closer.join();
    }
  }
}

TEST(RangeStore, CloseOfTheStoreEndsOpening) {
  ServedObjects served({{"a", file_of(0, 100)}});
  served.set_fault([&](RangeJob&, size_t) {
    served.stall();
    return false;
  });
  std::thread closer([&served] {
    std::this_thread::sleep_for(20ms);
    served.store.close();
  });
  EXPECT_THROW((Reader({"a"}, {}, served.opener())), Error);
  closer.join();
  EXPECT_EQ(served.store.take(), nullptr);
}

TEST(RangeStore, JobsAndSourcesOutliveTheStore) {
  auto store = std::make_unique<RangeStore>();
  const std::unique_ptr<Source> source = store->open("a");
  std::unique_ptr<RangeJob> job;
  std::thread fetcher([&] { job = store->take(); });
  std::thread reader([&] { EXPECT_THROW((void)source->size(), Error); });
  fetcher.join();
  ASSERT_NE(job, nullptr);
  EXPECT_TRUE(job->is_wanted());
  store.reset();
  reader.join();
  EXPECT_FALSE(job->is_wanted());
  std::memset(job->buffer().data(), 1, job->buffer().size());
  job->succeed(job->range().bytes, {.object_bytes = 1 << 20});
}

}  // namespace
}  // namespace jetliner
