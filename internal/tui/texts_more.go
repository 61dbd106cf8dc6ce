package tui

// moreTexts are the words of the pages around the questionnaire.
type moreTexts struct {
	// Leaving with an answer that cannot be written.
	LossTitle, LossWhy, LossWhat, LossRetry, LossLeave, LossStay, HelpLoss, Moved string

	// Dates and deadlines.
	Today, Tomorrow, Yesterday, InDays, DaysAgo, At, DueIn, LateIn, OverIn, OpenIn string

	// Home.
	Nag1, NagN, SendAll, SendAllNone, SendAllList, SendAllQueued, MenuSearch, MenuPrepare          string
	MenuAttempts, MenuSettings, MenuPassword, MenuSchool, Elsewhere, OtherServer, Outdate, Removed string
	MoveOn, MovedOn, AsideDrop, AsideDropAsk, AsideDropped, Office1, HelpHome, HelpList            string

	// News and messages.
	News, NewsNone, NewsReturned, NewsApproved, NewsWithdrawn, NewsVersion, NewsDates string
	NewsMessage1, NewsMessageN, Messages, MessagesNone, RemarkOf, HelpNews            string

	// Search.
	SearchTitle, SearchLabel, SearchHow, SearchNone, Found1, FoundN, HelpSearch string

	// Settings.
	SettingsTitle, Language, LanguageName, Colours, ColoursOn, ColoursOff, Letters, LettersAll string
	LettersASCII, Heartbeat, HeartbeatOn, HeartbeatOff, HeartbeatWhy, SettingsSaved            string
	HelpSettings                                                                               string

	// What is needed.
	PrepareTitle, PrepareIntro, PrepareNeed1, PrepareNeed2, PrepareNeed3, PrepareTime string
	PrepareSheet, PrepareTrack, PrepareStop, PrepareGo, HelpPrepare                   string

	// Help.
	AboutKeys, AboutAlways, AboutOffice, AboutChecks, AboutHome, AboutPart, AboutReview string
	AboutExplain, AboutSubmit, AboutReceipt, AboutSearch, AboutSettings, AboutNews      string
	AboutConflict, AboutAttempts, AboutSignIn                                           string

	// Receipts.
	ReceiptOne, ReceiptPrint, ReceiptSave, ReceiptSaved, ReceiptNotSaved, HelpReceipts string
	HelpReceipt                                                                        string

	// Conflicts.
	ConflictTitle, ConflictIntro, ConflictMine, ConflictTheirs, ConflictBefore          string
	ConflictOpen, ConflictKeep, ConflictTake, ConflictOnly, ConflictApply, ConflictLeft string
	ConflictDone, ConflictBlank, HelpConflict                                           string

	// Attempts.
	AttemptsTitle, AttemptsNone, AttemptDone, AttemptNext, Incident, WhatSubmit, WhatLogin string
	WhatPassword, WhatSync, HelpAttempts                                                   string

	// Taking back, emptying a section, last year.
	Undone, Redone, UndoneNot, UndoneLeft1, UndoneLeftN, Answer1, AnswerN         string
	ClearNone, ClearAsk, Cleared, ClearUndo                                       string
	LastYear, LastYearNone, LastYearIntro, LastYearAll, LastYearSame, LastYearNow string
	LastYearTaken1, LastYearTakenN, LastYearConfirm, HelpLastYear, AboutLastYear  string

	// Explaining and signing in.
	HalfKept, NoServer, NoCode, NoPassword, NoNetwork string
}
