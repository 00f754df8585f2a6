// The interpreter for plans that read invalid values as null. interpret.h says why it is in a file of its own.
#include "decode/interpret.h"

namespace jetliner {

const uint8_t* Decoder::run_nulling_invalid(Decoder& self, const uint8_t* p, size_t row, size_t n) {
  return self.interpret<PortableBits, true>(p, row, n);
}

}  // namespace jetliner
