return { answer = require("modules.answer") }
