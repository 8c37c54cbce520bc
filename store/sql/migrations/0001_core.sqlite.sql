-- The index keeps no text of its own: `scope` holds tokens for channel and author, `body` the words of the message.
CREATE VIRTUAL TABLE message_words USING fts5 (
    scope, body, content = '', tokenize = 'porter unicode61 remove_diacritics 2'
);
