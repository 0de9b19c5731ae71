//! What can be wrong, in one list: its name, one sentence, and the case that is meant to find it.

use std::fmt;

/// Which fault a server has, if any.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Switch(Option<Fault>);

impl Switch {
    pub(crate) fn new(fault: Option<Fault>) -> Self {
        Self(fault)
    }

    /// Whether it has this one.
    pub(crate) fn is(self, fault: Fault) -> bool {
        self.0 == Some(fault)
    }
}

/// From each line: a variant, its name, what is wrong, and the case that finds it.
macro_rules! faults {
    ($($(#[doc = $sentence:literal])+ $fault:ident: $name:literal => $case:literal,)+) => {
        /// Something that a server does wrong: what servers have done, or might.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Fault {
            $($(#[doc = $sentence])+ $fault,)+
        }

        impl Fault {
            /// Every one.
            pub const ALL: &[Self] = &[$(Self::$fault,)+];

            /// As the command takes it.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$fault => $name,)+
                }
            }

            /// What is wrong, in one sentence without a full stop.
            pub fn sentence(self) -> &'static str {
                match self {
                    $(Self::$fault => concat!($($sentence),+).trim_ascii(),)+
                }
            }

            /// The case that is meant to find it.
            pub fn case(self) -> &'static str {
                match self {
                    $(Self::$fault => $case,)+
                }
            }
        }
    };
}

impl Fault {
    /// The one of a name.
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|fault| fault.name() == name)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

faults! {
    // http and handshake
    /// A request without a transport is taken for one of polling
    MissingTransportTaken: "missing-transport-taken" => "engine4.handshake.transport-missing",
    /// An unknown transport is taken for polling
    UnknownTransportTaken: "unknown-transport-taken" => "engine4.refusal.transport-unknown",
    /// A session that does not exist is answered by 404
    UnknownSession404: "unknown-session-404" => "engine4.polling.unknown-sid",
    /// The code of an error is a text instead of a number
    ErrorCodeAsText: "error-code-as-text" => "engine4.refusal.form",
    /// The body of an error is a text instead of JSON
    ErrorAsText: "error-as-text" => "engine4.refusal.form",
    /// Every error has the code 3
    EveryErrorHasCode3: "every-error-has-code-3" => "engine4.refusal.sid-unknown",
    /// A POST without a session opens one
    HandshakeByPost: "handshake-by-post" => "engine4.refusal.method",
    /// A request of another revision than the session's is taken
    OtherRevisionTaken: "other-revision-taken" => "engine4.refusal.other-revision",
    /// The ids of sessions are counted up
    IdsCanBeGuessed: "ids-can-be-guessed" => "engine4.handshake.sid-unlike",
    /// A session over WebSocket is offered an upgrade to WebSocket
    WebSocketOffersUpgrade: "websocket-offers-upgrade" => "engine4.handshake.no-upgrades",
    /// A session that polls is offered no upgrade
    NoUpgradeOffered: "no-upgrade-offered" => "engine4.handshake.upgrades",
    /// The handshake has no maxPayload
    NoMaxPayload: "no-max-payload" => "engine4.handshake.fields",
    /// Answers have no Cache-Control
    AnswersMayBeCached: "answers-may-be-cached" => "engine4.polling.get-headers",
    /// The answer to a GET says that it is HTML
    AnswersAreHtml: "answers-are-html" => "engine4.payload.content-type",
    /// Whatever origin asks is allowed
    EveryOriginAllowed: "every-origin-allowed" => "http.cors.foreign",
    /// All origins are allowed by * although credentials are
    AnyOriginWithCredentials: "any-origin-with-credentials" => "http.cors.handshake",
    /// Credentials are not allowed to the origin
    NoCredentials: "no-credentials" => "http.cors.session",
    /// The cookie can be read by scripts
    CookieForScripts: "cookie-for-scripts" => "http.cookie.attributes",
    /// Answers are compressed for clients that did not ask for it
    CompressedUnasked: "compressed-unasked" => "http.compression.not-asked",
    /// Answers below the threshold are compressed
    SmallAnswersCompressed: "small-answers-compressed" => "http.compression.small",

    // polling
    /// A second GET while one waits is taken
    SecondGetTaken: "second-get-taken" => "engine4.polling.two-gets",
    /// A second POST while one is read is taken
    SecondPostTaken: "second-post-taken" => "engine4.polling.two-posts",
    /// The answer to a POST does not say what type it is
    PostAnsweredWithoutType: "post-answered-without-type" => "engine4.polling.post-headers",
    /// A POST is answered by OK instead of ok
    PostNotAnsweredOk: "post-not-answered-ok" => "engine4.polling.post-ok",
    /// A POST is answered before its packets are taken, and the next overtakes it
    PostAnsweredBeforeItIsTaken: "post-answered-before-it-is-taken" => "socket5.order.one-by-one",
    /// A body that says that it is binary is taken in revision 4
    OctetStreamTaken: "octet-stream-taken" => "engine4.polling.octet-stream",
    /// Of several packets in a body only the first is taken
    OnlyTheFirstPacketTaken: "only-the-first-packet-taken" => "engine4.polling.payload-order",
    /// The packets of a body are taken from the last to the first
    PacketsOfAPostReversed: "packets-of-a-post-reversed" => "engine4.polling.payload-order",
    /// More than two packets in an answer are separated by line feeds
    LineFeedSeparates: "line-feed-separates" => "engine4.payload.separator",
    /// Base64 of revision 4 has the type's digit of revision 3 before it
    BytesWithTypeDigit: "bytes-with-type-digit" => "engine4.payload.base64",
    /// Base64 has no padding
    Base64WithoutPadding: "base-64-without-padding" => "engine4.payload.base64-lengths",
    /// Bodies are read as Latin-1
    BodiesAreLatin1: "bodies-are-latin-1" => "engine4.message.text",
    /// An empty packet in a body is passed over
    EmptyPacketTaken: "empty-packet-taken" => "engine4.payload.separator-twice",
    /// A body that is no payload is passed over
    BrokenPayloadTaken: "broken-payload-taken" => "engine4.payload.empty",
    /// A packet of an unknown type is passed over
    UnknownPacketTaken: "unknown-packet-taken" => "engine4.packet.unknown-digit",
    /// A body has no limit
    NoLimitOfABody: "no-limit-of-a-body" => "engine4.limit.above",
    /// A body in chunks has no limit
    NoLimitInChunks: "no-limit-in-chunks" => "engine4.limit.above-in-chunks",
    /// A body of exactly maxPayload is refused
    LimitOffByOne: "limit-off-by-one" => "engine4.limit.exact",
    /// A body above the limit is answered by 400 instead of 413
    TooLargeIs400: "too-large-is-400" => "engine4.limit.above",
    /// A body above the limit ends the session
    TooLargeClosesTheSession: "too-large-closes-the-session" => "engine4.limit.lives-on",

    // heartbeat
    /// The first ping comes at once instead of after pingInterval
    FirstPingAtOnce: "first-ping-at-once" => "engine4.heartbeat.interval",
    /// The pings after the first come twenty times too often
    PingsTooOften: "pings-too-often" => "engine4.heartbeat.interval",
    /// The server never pings
    NoPings: "no-pings" => "engine4.heartbeat.interval",
    /// The pings end with the upgrade
    NoPingsAfterUpgrade: "no-pings-after-upgrade" => "engine4.heartbeat.upgraded",
    /// A pong is awaited for a tenth of pingTimeout
    PongAwaitedTooShortly: "pong-awaited-too-shortly" => "engine4.heartbeat.silence",
    /// A session that polls and answers no ping lives on
    SilenceOverPollingTaken: "silence-over-polling-taken" => "engine4.heartbeat.silence",
    /// A session over WebSocket that answers no ping lives on
    SilenceOverWebSocketTaken: "silence-over-websocket-taken" => "engine4.heartbeat.silence",
    /// A pong that nobody asked for ends the session
    UnaskedPongCloses: "unasked-pong-closes" => "engine4.heartbeat.pong-unasked",
    /// A ping of the client is answered in revision 4
    PingOfClientAnswered: "ping-of-client-answered" => "engine4.heartbeat.client-ping",
    /// A ping of the client is not answered in revision 3
    PingOfRevision3NotAnswered: "ping-of-revision-3-not-answered" => "engine3.heartbeat.pong",
    /// The pong of revision 3 lacks the ping's data
    PongOfRevision3WithoutData: "pong-of-revision-3-without-data" => "engine3.heartbeat.same-data",
    /// The server pings in revision 3 as well
    Revision3IsPingedByServer: "revision-3-is-pinged-by-server" => "engine3.heartbeat.client-asks",
    /// A client of revision 3 that sends no ping lives on
    SilenceOfRevision3Taken: "silence-of-revision-3-taken" => "engine3.heartbeat.silence",

    // upgrade
    /// A GET that waits is not released when a candidate probes
    GetNotReleased: "get-not-released" => "engine4.upgrade.noop",
    /// The probe is answered by 3 without its data
    ProbeAnsweredWithoutProbe: "probe-answered-without-probe" => "engine4.upgrade.by-hand",
    /// What is sent between probe and upgrade is lost
    MessagesLostInUpgrade: "messages-lost-in-upgrade" => "engine4.upgrade.order",
    /// A probe with other data than probe is answered
    AnyProbeTaken: "any-probe-taken" => "engine4.upgrade.wrong-probe",
    /// A candidate that fails ends the session
    FailedCandidateClosesTheSession: "failed-candidate-closes-the-session" => "engine4.upgrade.given-up",
    /// A second WebSocket may take over a session that has one
    WebSocketTakenOver: "websocket-taken-over" => "engine4.upgrade.second-websocket",
    /// A candidate may take as long as it likes
    CandidatesStay: "candidates-stay" => "engine4.upgrade.timeout",
    /// GETs after the upgrade are answered
    PollingAfterUpgradeTaken: "polling-after-upgrade-taken" => "engine4.upgrade.polling-after",

    // websocket
    /// A WebSocket of any version is accepted
    AnyWebSocketVersionTaken: "any-websocket-version-taken" => "websocket.handshake.other-version",
    /// Of the subprotocols the last one is taken
    LastSubprotocolTaken: "last-subprotocol-taken" => "websocket.handshake.subprotocol",
    /// Compression is agreed to that was not offered
    DeflateUnasked: "deflate-unasked" => "websocket.handshake.no-extension",
    /// Frames without a mask are taken
    UnmaskedTaken: "unmasked-taken" => "websocket.frame.unmasked",
    /// Frames with reserved bits are taken
    ReservedBitTaken: "reserved-bit-taken" => "websocket.frame.rsv2",
    /// Frames with reserved opcodes are passed over
    ReservedOpcodeTaken: "reserved-opcode-taken" => "websocket.frame.reserved-data-opcode",
    /// Pings of more than 125 bytes are taken
    LongPingTaken: "long-ping-taken" => "websocket.control.long-ping",
    /// Pings of the WebSocket are not answered
    WebSocketPingNotAnswered: "websocket-ping-not-answered" => "websocket.control.ping",
    /// Pongs of the WebSocket lack the ping's payload
    WebSocketPongWithoutPayload: "websocket-pong-without-payload" => "websocket.control.ping",
    /// A close frame is not answered
    CloseFrameNotAnswered: "close-frame-not-answered" => "websocket.close.answered",
    /// Close frames with reserved codes are taken
    AnyCloseCodeTaken: "any-close-code-taken" => "websocket.close.reserved-codes",
    /// Fragments of nothing are passed over
    FragmentsOutOfOrderTaken: "fragments-out-of-order-taken" => "websocket.fragment.continuation-of-nothing",
    /// Of several fragments only the last is taken
    OnlyTheLastFragmentTaken: "only-the-last-fragment-taken" => "websocket.fragment.text",
    /// The limit of a message holds for each of its fragments
    LimitForEachFragment: "limit-for-each-fragment" => "websocket.limit.fragments",
    /// A message over WebSocket has no limit
    NoLimitOfAMessage: "no-limit-of-a-message" => "websocket.limit.one-frame",
    /// The limit of a message holds for what it is before it is unpacked
    LimitBeforeInflating: "limit-before-inflating" => "websocket.compression.bomb",
    /// Text that is no UTF-8 is repaired
    BrokenTextTaken: "broken-text-taken" => "websocket.text.invalid",
    /// Bytes go as Base64 over WebSocket
    BytesAsTextOverWebSocket: "bytes-as-text-over-websocket" => "engine4.websocket.bytes-as-they-are",

    // revision 3
    /// Lengths of revision 3 count bytes
    LengthsInBytes: "lengths-in-bytes" => "engine3.payload.characters",
    /// A client of Socket.IO 4 has to ask for the main namespace
    Revision3MustAsk: "revision-3-must-ask" => "socket4.connect.unasked",
    /// A refusal of Socket.IO 4 is an object
    RefusalOfRevision3IsAnObject: "refusal-of-revision-3-is-an-object" => "socket4.refusal.message",
    /// The query behind the name of a namespace is taken for a part of it
    QueryOfRevision3NotSplit: "query-of-revision-3-not-split" => "socket4.identity.query",

    // entry
    /// The id of a socket is that of its session
    IdOfTheSession: "id-of-the-session" => "socket5.connect.sid-differs",
    /// All sockets of a session have one id
    OneIdInAllNamespaces: "one-id-in-all-namespaces" => "socket5.namespaces.ids",
    /// The answer to CONNECT has no sid
    ConnectWithoutSid: "connect-without-sid" => "socket5.connect.sid-length",
    /// What the client gives as auth does not reach the server
    AuthNotPassedOn: "auth-not-passed-on" => "socket5.connect.auth",
    /// A namespace admits whoever comes without its token
    AuthNotAsked: "auth-not-asked" => "socket5.connect.refused-without-data",
    /// A refusal lacks its data
    RefusalWithoutData: "refusal-without-data" => "socket5.connect.refused",
    /// A refusal is a text instead of an object
    RefusalIsText: "refusal-is-text" => "socket5.connect.refused-without-data",
    /// A namespace that does not exist ends the session
    InvalidNamespaceCloses: "invalid-namespace-closes" => "socket5.connect.unknown",
    /// The pattern of a namespace takes longer names as well
    PatternWithoutEnd: "pattern-without-end" => "socket5.connect.dynamic-mismatch",
    /// A second CONNECT for a namespace is passed over
    SecondConnectTaken: "second-connect-taken" => "socket5.entry.twice",
    /// Packets before CONNECT are passed over
    PacketBeforeConnectTaken: "packet-before-connect-taken" => "socket5.entry.event-first",
    /// Packets for a namespace that was left are passed over
    PacketAfterDisconnectTaken: "packet-after-disconnect-taken" => "socket5.disconnect.event-behind",
    /// Whoever enters no namespace stays
    NoConnectTimeout: "no-connect-timeout" => "socket5.entry.timeout",
    /// DISCONNECT writes the main namespace
    MainNamespaceWritten: "main-namespace-written" => "socket5.disconnect.by-server",
    /// DISCONNECT has no comma behind its namespace
    NoCommaAfterNamespace: "no-comma-after-namespace" => "socket5.disconnect.by-server-custom",

    // leaving
    /// DISCONNECT is answered by DISCONNECT
    DisconnectAnswered: "disconnect-answered" => "socket5.disconnect.by-client",
    /// DISCONNECT ends the session
    DisconnectClosesTheSession: "disconnect-closes-the-session" => "socket5.disconnect.by-client",
    /// The server takes a socket out of its namespace without a word
    DisconnectedWithoutAWord: "disconnected-without-a-word" => "socket5.disconnect.by-server",
    /// The server leaves the connection open that it is to close
    CloseMeOnlyDisconnects: "close-me-only-disconnects" => "socket5.disconnect.connection",
    /// A connection that was closed is called a transport error
    TransportCloseIsAnError: "transport-close-is-an-error" => "socket5.reason.close-frame",
    /// A ping timeout is called a transport close
    PingTimeoutIsATransportClose: "ping-timeout-is-a-transport-close" => "socket5.reason.silence",
    /// A client's disconnect is called the server's
    ClientDisconnectIsTheServers: "client-disconnect-is-the-servers" => "socket5.reason.client-disconnect",

    // packets
    /// What is no packet is passed over
    BrokenPacketTaken: "broken-packet-taken" => "socket5.malformed.no-json",
    /// What is no packet ends all sessions
    BrokenPacketClosesEverybody: "broken-packet-closes-everybody" => "socket5.malformed.others-live",
    /// An event without a name is passed over
    EventWithoutPayloadTaken: "event-without-payload-taken" => "socket5.malformed.event-without-payload",
    /// An event whose payload is no list is passed over
    EventWithoutArrayTaken: "event-without-array-taken" => "socket5.malformed.event-object",
    /// An acknowledgement whose payload is no list is passed over
    AckWithoutArrayTaken: "ack-without-array-taken" => "socket5.malformed.ack",
    /// The name of an event may be an object
    AnyEventNameTaken: "any-event-name-taken" => "socket5.name.not-a-text",
    /// A client may send the events of the library's own
    ReservedEventTaken: "reserved-event-taken" => "socket5.name.reserved-connect",
    /// An event overtakes the one before it
    EventsReordered: "events-reordered" => "socket5.order.burst",
    /// The number of attachments has no limit
    AnyNumberOfAttachmentsTaken: "any-number-of-attachments-taken" => "socket5.attachment.eleven",
    /// A binary event without attachments is taken
    NoAttachmentTaken: "no-attachment-taken" => "socket5.attachment.none",
    /// Text among attachments is passed over
    TextAmongAttachmentsTaken: "text-among-attachments-taken" => "socket5.attachment.text-between",
    /// Bytes that nobody has announced are passed over
    UnannouncedBytesTaken: "unannounced-bytes-taken" => "socket5.attachment.unannounced",
    /// Placeholders within objects are not replaced
    OnlyOuterPlaceholdersReplaced: "only-outer-placeholders-replaced" => "socket5.binary.deep",
    /// A placeholder's number may be a text
    PlaceholderOfTextTaken: "placeholder-of-text-taken" => "socket5.attachment.no-placeholder-number",
    /// A placeholder out of range becomes null
    PlaceholderOutOfRangeTaken: "placeholder-out-of-range-taken" => "socket5.attachment.out-of-range",
    /// Attachments are sent from the last to the first
    AttachmentsReversed: "attachments-reversed" => "socket5.binary.numbered-in-order",
    /// An acknowledgement with bytes has the type of an event
    BinaryAckIsAnEvent: "binary-ack-is-an-event" => "socket5.ack.bytes",

    // acknowledgements
    /// Outside of the main namespace the number 0 is taken for none
    AckZeroDropped: "ack-zero-dropped" => "socket5.ack.zero",
    /// An acknowledgement has only the first digit of its number
    AcksOfOneDigit: "acks-of-one-digit" => "socket5.ack.any-order",
    /// An event is acknowledged twice
    AcknowledgedTwice: "acknowledged-twice" => "socket5.ack.once",
    /// Numbers of acknowledgements are cut to 32 bits
    NumbersOf32Bits: "numbers-of-32-bits" => "socket5.ack.large",
    /// An answer without values is dropped
    AnswerWithoutValuesDropped: "answer-without-values-dropped" => "socket5.question.empty",
    /// A second answer to a question is taken
    SecondAnswerTaken: "second-answer-taken" => "socket5.question.twice",
    /// A question may be answered by another socket
    AnswerOfAnotherTaken: "answer-of-another-taken" => "socket5.question.by-another",
    /// A question is waited for without end
    QuestionsNeverExpire: "questions-never-expire" => "socket5.question.missed",
    /// An answer after its time is taken
    LateAnswerTaken: "late-answer-taken" => "socket5.question.late",
    /// Whoever asks a room that it is in is not asked
    RoomAskedWithoutTheAsker: "room-asked-without-the-asker" => "socket5.broadcast-ack.the-asker-too",
    /// A room of which one does not answer is waited for without end
    RoomIsWaitedForWithoutEnd: "room-is-waited-for-without-end" => "socket5.broadcast-ack.missing",
    /// If one of a room does not answer, the answers of the others are lost
    AnswersOfOthersLost: "answers-of-others-lost" => "socket5.broadcast-ack.missing",

    // rooms
    /// What is sent to a room reaches its sender
    SenderHearsItself: "sender-hears-itself" => "socket5.room.not-the-sender",
    /// Whoever is in an excepted room hears it too
    ExceptIgnored: "except-ignored" => "socket5.room.except",
    /// Whoever left a room still hears it
    LeaveIgnored: "leave-ignored" => "socket5.room.left",
    /// What is sent to a room arrives twice
    BroadcastTwice: "broadcast-twice" => "socket5.broadcast.many",
    /// A socket is not in the room of its own id
    NoRoomOfOnesOwn: "no-room-of-ones-own" => "socket5.room.own",
    /// A room is the same in all namespaces
    RoomsAreSharedByNamespaces: "rooms-are-shared-by-namespaces" => "socket5.namespaces.rooms",
    /// What is for everybody in a namespace reaches all namespaces
    EverybodyIsInAllNamespaces: "everybody-is-in-all-namespaces" => "socket5.namespaces.broadcast",

    // recovery
    /// Events have no offset
    NoOffset: "no-offset" => "socket5.recovery.offset",
    /// Volatile events are kept for those who come back
    VolatileIsKept: "volatile-is-kept" => "socket5.recovery.offset-of-volatile",
    /// Whoever left by will comes back as if by accident
    EveryEndRecoverable: "every-end-recoverable" => "socket5.recovery.client-disconnect",
    /// What was missed arrives twice
    RecoveryReplaysTwice: "recovery-replays-twice" => "socket5.recovery.missed-in-room",
    /// What was missed arrives from the last to the first
    RecoveryReversed: "recovery-reversed" => "socket5.recovery.missed-in-room",
    /// What was missed is lost
    RecoveryReplaysNothing: "recovery-replays-nothing" => "socket5.recovery.missed-own",
    /// The last event that arrived is sent once more
    LastEventReplayed: "last-event-replayed" => "socket5.recovery.missed-nothing",
    /// Whoever comes back is in no room
    RecoveryForgetsRooms: "recovery-forgets-rooms" => "socket5.recovery.rooms",
    /// Whoever comes back has another id
    RecoveredWithAnotherId: "recovered-with-another-id" => "socket5.recovery.same-ids",
    /// A session is recovered after its time
    RecoveredForTooLong: "recovered-for-too-long" => "socket5.recovery.expired",
    /// An offset that never was recovers a session
    AnyOffsetRecovers: "any-offset-recovers" => "socket5.recovery.unknown-offset",
    /// The server is not told that a session is recovered
    RecoveredNotTold: "recovered-not-told" => "socket5.recovery.recovered",
}
