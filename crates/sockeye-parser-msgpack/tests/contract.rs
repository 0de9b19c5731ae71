//! MessagePack keeps the contract of formats.

sockeye_testing::format_contract!(sockeye_parser_msgpack::Msgpack);
